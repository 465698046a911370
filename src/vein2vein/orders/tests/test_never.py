"""N5, N6, N12, N13: what must never happen, attempted through the actions and by raw SQL."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from vein2vein.core.ids import ContainerId
from vein2vein.core.refusals import Refusal, Refused
from vein2vein.identity import actions as identity
from vein2vein.identity.models import Container
from vein2vein.identity.states import Disposition
from vein2vein.journal.reads import list_recent
from vein2vein.orders import actions
from vein2vein.orders.models import Infusion
from vein2vein.orders.states import EndCause, Moment
from vein2vein.orders.tests.conftest import Course


def refused(run: Any) -> set[str]:
    """Return the codes with which an act is refused, having left no entry."""
    newest = list_recent(limit=1)[0].id
    with pytest.raises(Refusal) as caught:
        run()
    assert list_recent(limit=1)[0].id == newest
    return {one.code for one in caught.value.blockers}


@pytest.mark.requirement("N5")
class TestNobodyGetsAnothersBag:
    def test_another_patients_bag(self, course: Course, other_course: Course) -> None:
        course.to("thawed")
        other_course.to("thawed")
        codes = refused(lambda: course.match(other_course.bags[0]))
        assert codes == {"orders.bag_of_another_patient"}
        assert "orders.bag_of_another_patient" in refused(lambda: course.thaw(other_course.bags[1]))

    def test_another_patients_wristband(self, course: Course, other_course: Course) -> None:
        course.to("thawed")
        other_course.to("collecting")
        assert "orders.wristband_of_another" in refused(lambda: course.match(course.bags[0], other_course.wristband))

    def test_the_right_patients_other_course(self, course: Course, clock_at: Any, actor: Any, sign: Any) -> None:
        earlier = Course(clock_at, actor, sign)
        earlier.to("released")
        over: dict[str, Any] = {"order_id": earlier.order.pk, "cause": EndCause.TOO_ILL, "reason": "infection"}
        earlier.signed(earlier.who("physician"), "orders.end_course", **over)
        course.to("thawed")
        assert earlier.order.patient_id == course.order.patient_id
        assert refused(lambda: course.match(earlier.bags[0])) == {"orders.bag_of_another_course"}

    def test_a_failed_earlier_batch_of_the_same_course(self, course: Course) -> None:
        course.to("manufactured")
        failed = course.make_bag(disposition=Disposition.REJECTED)
        course.to("cleared")
        course.lymphodeplete()
        course.confirm_dose()
        assert {"orders.bag_not_of_dose", "orders.bag_not_released"} <= refused(lambda: course.thaw(failed))

    def test_a_released_bag_beyond_the_ordered_dose(self, course: Course) -> None:
        course.to("released")
        third = course.make_bag()
        course.to("thawed")
        assert "orders.bag_not_of_dose" in refused(lambda: course.thaw(third))

    def test_more_than_ordered_is_not_released(self, course: Course) -> None:
        course.to("manufactured")
        bags = [course.make_bag() for _ in range(3)]
        assert "orders.release_more_than_ordered" in refused(lambda: course.release(*bags))

    def test_another_patients_bag_is_not_released_to_this_order(self, course: Course, other_course: Course) -> None:
        course.to("manufactured")
        other_course.to("released")
        assert "orders.release_wrong_container" in refused(lambda: course.release(other_course.bags[0]))

    def test_typed_wristband_and_order_number_are_refused(self, course: Course) -> None:
        course.to("thawed")
        for typed in ("ZM 1970-05-17", course.order.code, course.bags[0].code[:-1] + "?"):
            assert refused(lambda typed=typed: course.match(course.bags[0], typed))

    def test_expired(self, course: Course) -> None:
        course.to("manufactured")
        bag = course.make_bag(days=10)
        course.release(bag, cells="18000000")
        course.again()
        course.bags = [bag]
        course.to("cleared")
        course.lymphodeplete()
        course.confirm_dose()
        course.clock.advance(timedelta(days=6))
        assert "orders.bag_expired" in refused(lambda: course.thaw(bag))

    def test_thawed_too_long_ago(self, course: Course) -> None:
        course.to("thawed").clock.advance(timedelta(minutes=61))
        assert refused(lambda: course.match(course.bags[0])) == {"orders.thaw_too_old"}

    def test_matched_in_time_but_started_too_late(self, course: Course) -> None:
        course.to("thawed").match(course.bags[0])
        course.clock.advance(timedelta(minutes=61))
        found = refused(
            lambda: actions.start_infusion(
                order_id=course.order_id, scanned_bag=course.bags[0].code, by=course.who("infusion")
            )
        )
        assert found == {"orders.thaw_too_old"}


@pytest.mark.requirement("N6")
class TestNothingUnreleased:
    @pytest.mark.parametrize("disposition", [None, Disposition.REJECTED])
    def test_unreleased_bags_are_no_dose(self, course: Course, disposition: Disposition | None) -> None:
        course.to("manufactured")
        bag = course.make_bag(disposition=disposition)
        assert "orders.release_wrong_container" in refused(lambda: course.release(bag))

    def test_dispatch_before_release(self, course: Course) -> None:
        course.to("manufactured")
        codes = refused(lambda: actions.mark_dispatched(order_id=course.order_id, by=course.system))
        assert "orders.product_not_released" in codes

    def test_dispatch_without_the_sites_reconfirmation(self, course: Course) -> None:
        course.to("released")
        run = lambda: actions.mark_dispatched(order_id=course.order_id, by=course.system)  # noqa: E731
        assert refused(run) == {"orders.not_reconfirmed"}
        course.reconfirm("physician", Moment.PRODUCT_SHIPMENT)
        course.clock.advance(timedelta(hours=73))
        assert refused(run) == {"orders.not_reconfirmed"}

    def test_a_release_that_was_taken_back(self, course: Course) -> None:
        course.to("cleared")
        course.lymphodeplete()
        course.confirm_dose()
        identity.set_disposition(
            container_id=ContainerId(course.bags[0].pk),
            disposition=Disposition.QUARANTINED,
            reason="late positive",
            by=course.system,
        )
        assert "orders.bag_not_released" in refused(lambda: course.thaw(course.bags[0]))

    def test_thaw_before_clearance(self, course: Course) -> None:
        course.to("at_site")
        assert "orders.not_cleared" in refused(lambda: course.thaw(course.bags[0]))

    def test_infusion_without_match(self, course: Course) -> None:
        course.to("thawed")
        found = refused(
            lambda: actions.start_infusion(
                order_id=course.order_id, scanned_bag=course.bags[0].code, by=course.who("infusion")
            )
        )
        assert found == {"orders.bag_not_matched"}


@pytest.mark.requirement("N12")
class TestLymphodepletionWaits:
    @pytest.mark.parametrize("state", ["accepted", "manufactured", "released", "dispatched"])
    def test_no_clearance_before_the_product_is_secured(self, course: Course, state: str) -> None:
        course.to(state)
        run = lambda: course.signed(  # noqa: E731
            course.who("physician"), "orders.clear_for_lymphodepletion", order_id=course.order_id
        )
        assert "orders.product_not_secured" in refused(run)

    @pytest.mark.parametrize("state", ["accepted", "in_manufacture", "dispatched", "at_site"])
    def test_reported_all_the_same_it_alarms(self, course: Course, state: str) -> None:
        course.to(state)
        actions.report_lymphodepletion(order_id=course.order_id, started_at=course.clock.at, by=course.who("infusion"))
        entry = list_recent(limit=1)[0]
        assert entry.fact == "orders.LymphodepletionBeforeClearance"
        assert entry.data["state"] == state
        assert course.again().state == state

    def test_begun_before_the_clearance_but_reported_after_it_alarms_too(self, course: Course) -> None:
        course.to("cleared")
        course.clock.advance(timedelta(hours=3))
        early = course.clock.at - timedelta(hours=4)
        actions.report_lymphodepletion(order_id=course.order_id, started_at=early, by=course.who("physician"))
        assert list_recent(limit=1)[0].fact == "orders.LymphodepletionBeforeClearance"

    def test_too_short_and_too_long_an_interval(self, course: Course) -> None:
        course.to("cleared")
        course.lymphodeplete()
        course.confirm_dose()
        course.clock.advance(timedelta(days=4))
        assert "orders.lymphodepletion_interval" in refused(lambda: course.thaw(course.bags[0]))


@pytest.mark.requirement("N13")
class TestTheDoseIsRight:
    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"dose_amount": Decimal(3_000_000)}, "orders.dose_misread"),
            ({"dose_amount": Decimal(30_000)}, "orders.dose_misread"),
            ({"dose_amount": Decimal(18_000_000)}, "orders.dose_misread"),
            ({"dose_unit": "cell"}, "orders.dose_unit"),
            ({"dose_unit": "cells/kg"}, "orders.dose_unit"),
            ({"weight_kg": Decimal(132)}, "orders.weight_jump"),
            ({"weight_kg": Decimal(6)}, "orders.weight_bounds"),
            ({"weight_kg": Decimal(600)}, "orders.weight_bounds"),
            ({"weight_kg": Decimal(0)}, "orders.weight_bounds"),
            ({"weight_kg": Decimal(-60)}, "orders.weight_bounds"),
        ],
        ids=lambda one: one if isinstance(one, str) else "-".join(f"{key}={value}" for key, value in one.items()),
    )
    def test_what_the_physician_may_get_wrong(self, course: Course, changed: dict[str, Any], code: str) -> None:
        course.to("cleared")
        arguments = course.dose(**changed)
        assert code in refused(lambda: course.signed(course.who("physician"), "orders.confirm_dose", **arguments))

    def test_stale_and_future_weights(self, course: Course) -> None:
        course.to("cleared")
        for measured_at, code in (
            (course.clock.at - timedelta(days=15), "orders.weight_stale"),
            (course.clock.at + timedelta(hours=1), "orders.weight_in_future"),
        ):
            arguments = course.dose(weight_measured_at=measured_at)
            assert code in refused(
                lambda arguments=arguments: course.signed(course.who("physician"), "orders.confirm_dose", **arguments)
            )

    def test_a_dose_too_far_from_the_ordered_one(self, course: Course) -> None:
        course.to("manufactured")
        bag = course.make_bag()
        course.release(bag, cells="12000000")
        course.again()
        course.bags = [bag]
        course.to("cleared")
        arguments = course.dose(dose_amount=Decimal(200_000))
        assert "orders.dose_not_as_ordered" in refused(
            lambda: course.signed(course.who("physician"), "orders.confirm_dose", **arguments)
        )

    def test_no_thaw_without_confirmation(self, course: Course) -> None:
        course.to("cleared").lymphodeplete()
        assert "orders.dose_not_confirmed" in refused(lambda: course.thaw(course.bags[0]))


def forbidden(statement: str, values: list[Any], constraint: str) -> None:
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    cause = caught.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.diag.constraint_name == constraint


@pytest.mark.requirement("N5")
@pytest.mark.requirement("N6")
class TestRawSql:
    def test_another_patients_bag_cannot_join_the_dose(self, course: Course, other_course: Course) -> None:
        course.to("released")
        other_course.to("manufactured")
        bag = other_course.make_bag()
        forbidden(
            "INSERT INTO orders_dosebag (id, order_id, container_id, cells, volume_ml) "
            "VALUES (gen_random_uuid(), %s, %s, 1, 1)",
            [course.order.pk, bag.pk],
            "orders_bag_thread",
        )

    def test_an_unreleased_bag_cannot_join_the_dose(self, course: Course) -> None:
        course.to("released")
        bag = course.make_bag(disposition=None)
        forbidden(
            "INSERT INTO orders_dosebag (id, order_id, container_id, cells, volume_ml) "
            "VALUES (gen_random_uuid(), %s, %s, 1, 1)",
            [course.order.pk, bag.pk],
            "orders_bag_thread",
        )

    def test_a_dose_bag_cannot_be_exchanged(self, course: Course) -> None:
        course.to("released")
        bag = course.make_bag()
        forbidden(
            "UPDATE orders_dosebag SET container_id = %s WHERE order_id = %s",
            [bag.pk, course.order.pk],
            "orders_bag_fixed",
        )

    def test_an_unmatched_bag_cannot_be_infused(self, course: Course) -> None:
        course.to("thawed")
        bag = course.order.bags.get(container_id=course.bags[0].pk)
        forbidden(
            'INSERT INTO orders_infusion (id, order_id, bag_id, started_at, started_by, "end", remark) '
            "VALUES (gen_random_uuid(), %s, %s, now(), gen_random_uuid(), '', '')",
            [course.order.pk, bag.pk],
            "orders_infusion_gate",
        )
        assert not Infusion.objects.filter(order=course.order).exists()

    def test_an_order_cannot_change_its_thread(self, course: Course, other_course: Course) -> None:
        course.to("accepted")
        other_course.to("accepted")
        patient = other_course.order.patient_id
        forbidden(
            "UPDATE orders_order SET patient_id = %s WHERE id = %s", [patient, course.order.pk], "orders_order_fixed"
        )
        forbidden("UPDATE orders_order SET coi_id = NULL WHERE id = %s", [course.order.pk], "orders_order_fixed")

    def test_a_state_without_its_grounds(self, course: Course) -> None:
        course.to("manufactured")
        forbidden(
            "UPDATE orders_order SET state = 'released' WHERE id = %s",
            [course.order.pk],
            "orders_order_release_recorded",
        )
        forbidden("UPDATE orders_order SET state = 'nonsense' WHERE id = %s", [course.order.pk], "orders_order_state")

    def test_the_run_time_role_deletes_nothing(self, course: Course) -> None:
        course.to("released")
        for table in ("orders_order", "orders_dosebag"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(f"DELETE FROM {table}")


def test_wristband_codes_are_not_container_codes(course: Course) -> None:
    course.to("thawed")
    with pytest.raises(Refused):
        course.match(course.bags[0], Container.objects.get(pk=course.bags[0].pk).code)
