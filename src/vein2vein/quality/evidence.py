"""Gathering what the gates of a release look at, from this context and those below."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId, CoiId, ContainerId
from vein2vein.core.refusals import N_, Blocker
from vein2vein.engines.assays import Case, Overall, Verdict, assess, case_hash
from vein2vein.engines.definitions import Definition
from vein2vein.engines.definitions.model.specification import ReleaseRule
from vein2vein.engines.definitions.vocabulary import FileKind, Organisation, ReleaseType
from vein2vein.identity import reads as identity
from vein2vein.laboratory.cases import build_case, release_rule
from vein2vein.laboratory.reads import list_workers, open_investigations, reviewed_result
from vein2vein.manufacturing import reads as manufacturing
from vein2vein.manufacturing.states import BatchState, StepState
from vein2vein.network.reads import find_authorisation, get_equipment
from vein2vein.orders.reads import load_order, local_day
from vein2vein.orders.rules import weight_blockers
from vein2vein.people.reads import get_account, list_delegations, own_roles
from vein2vein.quality import reads, rules
from vein2vein.quality.rules.environment import Window
from vein2vein.quality.states import DECISION_OF, EXCEPTIONAL_OF, Decision, Release, RequestState

if TYPE_CHECKING:
    from vein2vein.identity.models import Container
    from vein2vein.manufacturing.models import Batch
    from vein2vein.network.models import Authorisation
    from vein2vein.orders.models import Order
    from vein2vein.quality.models import Assessment, Deviation, ExceptionalRequest

_ORGANISATIONS = {
    Organisation.MANUFACTURER: Release.MANUFACTURER,
    Organisation.MAH: Release.MAH,
    Organisation.SPONSOR: Release.SPONSOR,
}


class Dossier:
    """A batch before the person who decides: everything is looked up when it is asked for, and once."""

    def __init__(self, batch: Batch, *, by: Actor, at: datetime, exceptional: bool = False) -> None:
        """Take a batch that the actor may see; `exceptional`: for the release of what does not conform."""
        self.batch, self.by, self.at, self.exceptional = batch, by, at, exceptional
        self.definition: Definition = manufacturing.definition_of(batch)
        self.order: Order = load_order(batch.order_id)
        self.rule: ReleaseRule | None = release_rule(
            self.definition.specification, batch.market, batch.route, exceptional=exceptional
        )
        self.case: Case = build_case(batch, self.definition, at.date())
        self.verdict: Verdict = assess(self.case)
        self.assessment: Assessment | None = reads.latest_assessment(batch.pk)
        self.request: ExceptionalRequest | None = reads.standing_request(batch.pk) if exceptional else None
        self.containers: list[Container] = identity.list_containers(coi_id=CoiId(batch.coi_id), limit=500, by=by)

    @property
    def batch_id(self) -> BatchId:
        """Return the batch's id."""
        return BatchId(self.batch.pk)

    @property
    def releases(self) -> tuple[Decision, ...]:
        """Return the releases that the route asks for, in their order."""
        signatories = () if self.rule is None else self.rule.signatories
        wanted = [_ORGANISATIONS.get(one.organisation) for one in signatories if one.role is Role.QUALIFIED_PERSON]
        decisions = EXCEPTIONAL_OF if self.exceptional else DECISION_OF
        return tuple(decisions[one] for one in wanted if one is not None)

    @property
    def awaited(self) -> tuple[Decision, ...]:
        """Return the releases that are still to be given, the next one first."""
        done = reads.decisions_of(self.batch.pk)
        return tuple(one for one in self.releases if one not in done)

    def authorisation(self) -> Authorisation | None:
        """Return the authorisation in force today for exactly the order's indication, market and route."""
        return find_authorisation(
            therapy_code=self.order.therapy_code,
            market=self.batch.market,
            indication_code=self.order.indication_code,
            route=self.batch.route,
            on=local_day(self.order, self.at),
        )

    def final_containers(self) -> list[Container]:
        """Return the product containers that are still whole, oldest first."""
        return [
            one
            for one in self.containers
            if one.kind == "final_product"
            and one.state == "active"
            and one.disposition != "rejected"
            and one.batch_number in ("", self.batch.number)
        ]

    def dose_containers(self) -> list[Container]:
        """Return the containers of the dose: those of the first final role that the process names; others are spare."""
        roles = [one.id for one in self.definition.process.containers if one.final]
        for role in roles:
            found = [one for one in self.final_containers() if one.role == role]
            if found:
                return found
        return []

    def windows(self) -> list[Window]:
        """Return the rooms that the batch was worked on in, each from the first start to the last end there."""
        spans: dict[str, tuple[datetime, datetime]] = {}
        for one in manufacturing.list_operations(self.batch_id, by=self.by):
            room = get_equipment(one.workstation_code).room if one.workstation_code else None
            if room is None or one.started_at is None or one.ended_at is None:
                continue
            began, ended = spans.get(room.code, (one.started_at, one.ended_at))
            spans[room.code] = (min(began, one.started_at), max(ended, one.ended_at))
        return [Window(room, began, ended) for room, (began, ended) in sorted(spans.items())]

    def signer(self, actor: Actor) -> rules.SignerView:
        """Return who wants to sign, as the gates see them."""
        workers = {*manufacturing.list_executors(self.batch), *list_workers(self.batch.pk)}
        in_own_right = Role.QUALIFIED_PERSON in own_roles(actor.account_id, self.at)
        delegated = "" if in_own_right else delegator_of(actor, self.at)
        return rules.SignerView(actor.name, in_own_right, delegated, str(actor.account_id) in workers)

    def gates(self, decision: Decision) -> list[rules.Gate]:
        """Return the gates of a release by `decision`, with what keeps each shut."""
        return rules.gates_for(
            rules.ReleaseView(
                decision=decision,
                market=self.batch.market,
                route=self.batch.route,
                authorised=self.authorisation() is not None,
                rule_found=bool(self.releases),
                order_state=self.order.state,
                order_cancelled=self.order.state == "cancelled",
                done=reads.decisions_of(self.batch.pk),
                awaited=self.awaited,
                needed=self.needed,
                evidence=self.evidence(),
                signer=self.signer(self.by),
            )
        )

    @property
    def needed(self) -> tuple[str, ...]:
        """Return the evidence that the release rule asks for, and what every exceptional release asks for besides."""
        listed = () if self.rule is None else tuple(one.value for one in self.rule.evidence)
        return (*listed, "nonconformity", "label_statement") if self.exceptional else listed

    def evidence(self) -> Mapping[str, list[Blocker]]:
        """Return, for each piece of evidence that is kept here, what it lacks."""
        gather: dict[str, Callable[[], list[Blocker]]] = {
            "chain_of_identity": self._chain,
            "starting_material_receipt": self._receipt,
            "batch_record_reviewed": self._record,
            "label_reconciliation": self._labels,
            "materials_released": self._materials,
            "environmental_monitoring": self._environment,
            "deviations_closed": self._deviations,
            "release_tests_conform": self._tests,
            "freezing_curve": self._curve,
            "dose_declared": self._dose,
            "trial_approval": self._trial,
            "physician_request": self._request,
            "risk_evaluation": self._risk,
            "patient_consent": self._consent,
            "nonconformity": self._nonconformity,
            "label_statement": self._statement,
        }
        return {code: find() for code, find in gather.items()}

    def _chain(self) -> list[Blocker]:
        genealogy = identity.genealogy(coi_id=CoiId(self.batch.coi_id), by=self.by)
        parents: dict[str, set[str]] = {}
        for relation in genealogy.relations:
            parents.setdefault(str(relation.child_id), set()).add(str(relation.parent_id))
        starting = {str(one.pk) for one in self.containers if one.kind == "starting_material"}
        finals = self.final_containers()
        found = [
            _lacks("not_descended", N_("%(what)s does not descend from this patient's starting material"), one.code)
            for one in finals
            if not _ancestors(str(one.pk), parents) & starting
        ]
        return found or ([] if finals else [_lacks("no_product", N_("There is no product container"), "")])

    def _receipt(self) -> list[Blocker]:
        bags = [one for one in self.containers if one.kind == "starting_material"]
        if bags and all(one.disposition == "accepted" for one in bags if one.state in ("active", "consumed")):
            return []
        return [_lacks("not_accepted", N_("The starting material was not accepted at receipt"), "")]

    def _record(self) -> list[Blocker]:
        found = []
        if self.batch.state not in (BatchState.REVIEWED, BatchState.CLOSED):
            found.append(_lacks("not_reviewed", N_("The batch record is %(what)s, not reviewed"), self.batch.state))
        unverified = [
            one.code
            for one in manufacturing.step_views(self.batch, self.definition)
            if one.needs_second and one.state == StepState.DONE
        ]
        found += [
            _lacks("unverified", N_("Step %(what)s was not checked by a second person"), one) for one in unverified
        ]
        return found

    def _labels(self) -> list[Blocker]:
        coi, by = CoiId(self.batch.coi_id), self.by
        bad = [code for code, good in manufacturing.labels_in_force(self.batch).items() if not good]
        kits = [one.code for one in identity.list_kits(coi_id=coi, limit=500, by=by) if one.state != "reconciled"]
        spare = [one.code for one in identity.list_labels(coi_id=coi, limit=500, by=by) if one.state == "printed"]
        return [
            *[_lacks("no_label", N_("Container %(what)s has no label in force"), one) for one in bad],
            *[_lacks("kit_open", N_("The labels of kit %(what)s are not reconciled"), one) for one in kits],
            *[
                _lacks("spare_label", N_("Label %(what)s was printed, and neither used nor voided"), one)
                for one in spare
            ],
        ]

    def _materials(self) -> list[Blocker]:
        lots = {one.lot.code: one.lot for one in manufacturing.latest_recordings(self.batch) if one.lot is not None}
        return [
            _lacks("lot", N_("Lot %(what)s, used in this batch, is not released"), f"{code} ({lot.state})")
            for code, lot in sorted(lots.items())
            if lot.state != "released"
        ]

    def _environment(self) -> list[Blocker]:
        records = [
            Window(one.room.code, one.began_at, one.ended_at, one.verdict)
            for one in reads.list_environment_records(batch_id=self.batch_id, by=self.by)
        ]
        closed = not any(one.source.startswith("environment:") for one in self._open_deviations())
        return rules.environment_blockers(self.windows(), records, action_deviations_closed=closed)

    def _open_deviations(self) -> list[Deviation]:
        return reads.blocking_deviations(self.batch.pk, self.batch.coi_id)

    def _deviations(self) -> list[Blocker]:
        found = [
            _lacks("deviation_open", N_("Deviation %(what)s is open"), f"{one.code}: {one.subject}")
            for one in self._open_deviations()
        ]
        holds = manufacturing.open_hold_reasons(self.batch)
        found += [_lacks("on_hold", N_("The batch is on hold: %(what)s"), one) for one in holds]
        codes = open_investigations(self.batch.pk)
        found += [
            _lacks("investigating", N_("Laboratory investigation %(what)s is not concluded"), one) for one in codes
        ]
        return found

    def _tests(self) -> list[Blocker]:
        stored = self.assessment
        if stored is None:
            return [_lacks("not_assessed", N_("The conformity of the batch was not assessed"), "")]
        found = []
        if case_hash(build_case(self.batch, self.definition, stored.assessed_on)) != stored.case_hash:
            found.append(
                _lacks(
                    "assessment_old", N_("Results changed since the assessment of %(what)s"), str(stored.assessed_on)
                )
            )
        lines = {line.test: line for line in self.verdict.lines}
        found += [
            _lacks("test_failed", N_("%(what)s does not conform"), _line(test, lines[test].limit))
            for test in self.verdict.failed
        ]
        if not self.may_be_incomplete:
            message = N_("%(what)s has no result that counts")
            lacking = [lines[test] for test in self.verdict.lacking]
            found += [_lacks("test_lacking", message, _line(one.test, one.why)) for one in lacking]
        return found

    @property
    def may_be_incomplete(self) -> bool:
        """Say whether a two-stage release may go now: nothing failed, and only tests that it leaves open lack."""
        two_stage = self.rule is not None and self.rule.type is ReleaseType.TWO_STAGE
        return two_stage and self.verdict.overall is Overall.INCOMPLETE and self.verdict.only_open_lacking

    def _curve(self) -> list[Blocker]:
        kinds = {
            one.attachment.kind for one in manufacturing.latest_recordings(self.batch) if one.attachment is not None
        }
        if FileKind.FREEZING_CURVE.value in kinds:
            return []
        return [_lacks("no_curve", N_("The freezing curve is not attached to the batch record"), "")]

    def _dose(self) -> list[Blocker]:
        dose = reads.latest_dose(self.batch.pk)
        if dose is None:
            return [_lacks("no_dose", N_("The dose was not declared"), "")]
        found = []
        standing = reviewed_result(self.batch.pk, self.definition.therapy.dose.declared_from)
        if standing is None or standing.pk != dose.result_id:
            found.append(
                _lacks("dose_old", N_("The result that the dose was declared from does not stand any more"), "")
            )
        if dose.weight_kg != self.order.weight_kg or dose.weight_measured_at != self.order.weight_measured_at:
            found.append(_lacks("dose_weight", N_("The weight was confirmed anew after the dose was declared"), ""))
        named = {entry["container_code"] for entry in dose.bags}
        if named != {one.code for one in self.dose_containers()}:
            found.append(_lacks("dose_bags", N_("The product containers are not those of the declared dose"), ""))
        return found + weight_blockers(
            self.definition.therapy.eligibility,
            weight_kg=self.order.weight_kg,
            measured_at=self.order.weight_measured_at,
            at=self.at,
        )

    def _trial(self) -> list[Blocker]:
        found = self.authorisation()
        if self.order.protocol and self.order.subject_number and found is not None and found.reference:
            return []
        return [
            _lacks("no_trial", N_("The trial's approval, protocol or subject is not on record"), self.order.protocol)
        ]

    def _request(self) -> list[Blocker]:
        if self.exceptional and self.request is None:
            return [_lacks("no_request", N_("There is no signed request of the physician"), "")]
        if self.order.prescribed_by is not None and self.order.prescribed_at is not None:
            return []
        return [_lacks("no_request", N_("There is no signed request of the physician"), "")]

    def _risk(self) -> list[Blocker]:
        if self.request is not None and self.request.state == RequestState.EVALUATED:
            return []
        return [_lacks("not_evaluated", N_("The risk of supplying it was not assessed and evaluated"), "")]

    def _consent(self) -> list[Blocker]:
        if self.request is not None and self.request.consent_reference:
            return []
        return [_lacks("no_consent", N_("The patient's consent to the exceptional supply is not on record"), "")]

    def _nonconformity(self) -> list[Blocker]:
        lines = {line.test: line for line in self.verdict.lines}
        request, stored = self.request, self.assessment
        current = stored is not None and request is not None and request.case_hash == stored.case_hash
        if stored is not None and current:
            again = case_hash(build_case(self.batch, self.definition, stored.assessed_on))
            current = again == stored.case_hash
        return rules.nonconformity_blockers(
            overall=self.verdict.overall.value,
            current=current,
            lacking=[lines[one].name_en for one in self.verdict.lacking],
        )

    def _statement(self) -> list[Blocker]:
        found = []
        for one in self.dose_containers():
            label = identity.find_label_in_force(ContainerId(one.pk))
            stated = one.stated_at if one.statement_en else None
            if label is None or stated is None or label.printed_at < stated:
                message = N_("The label of %(what)s does not say that it is out of specification")
                found.append(_lacks("label_unstated", message, one.code))
        return found


def _line(name: str, detail: str) -> str:
    return f"{name} ({detail})" if detail else name


def _ancestors(child: str, parents: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    open_ = [child]
    while open_:
        for parent in parents.get(open_.pop(), ()):
            if parent not in found:
                found.add(parent)
                open_.append(parent)
    return found


def _lacks(code: str, message: str, what: str) -> Blocker:
    return Blocker(
        code=f"quality.{code}",
        message=message,
        field="evidence",
        value=what,
        mend=N_("Put it right, or reject the batch"),
        params={"what": what},
    )


def delegator_of(actor: Actor, at: datetime) -> str:
    """Return who delegated the role of qualified person to the actor, now in force; "" where nobody did."""
    if Role.QUALIFIED_PERSON not in actor.roles:
        return ""
    username = get_account(actor.account_id).username
    after = None
    while page := list_delegations(limit=200, after=after, by=actor):
        for one in page:
            mine = one.delegate == username and one.role == Role.QUALIFIED_PERSON and one.state == "active"
            if mine and one.starts_at <= at < one.ends_at:
                return one.delegator_name
        after = page[-1].id
    return ""
