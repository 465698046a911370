"""Supply rules are complete: starting materials, lanes, containers, excursions, bedside, follow-up."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from vein2vein.core.refusals import N_
from vein2vein.engines.definitions.checking.findings import Findings
from vein2vein.engines.definitions.model.supply import Lane, StartingMaterialRule
from vein2vein.engines.definitions.vocabulary import LabelUse, Leg, Moment

_LONG_TERM_DAYS = 15 * 365
_LEAST_MARGIN = Decimal(50)


def check(findings: Findings) -> None:
    """Find alternatives, markets and journeys for which a rule is missing or cannot be kept."""
    for alternative in findings.definition.therapy.starting_materials:
        rule = findings.definition.supply.starting_material(alternative.id)
        if rule is None:
            findings.add(
                f"therapy.starting_materials[{alternative.id}]",
                N_("supply.yaml has no limits for the starting material “%(name)s”"),
                N_("add it to starting_materials of supply.yaml"),
                name=alternative.id,
            )
        else:
            _check_starting(findings, rule)
    for market in findings.definition.specification.markets:
        _check_market(findings, market.id)
    for lane in findings.definition.supply.lanes:
        _check_lane(findings, lane)
    _check_product(findings)
    _check_follow_up(findings)


def _check_starting(findings: Findings, rule: StartingMaterialRule) -> None:
    where = f"supply.starting_materials[{rule.alternative}]"
    role = findings.definition.process.container(rule.container)
    if role is not None and not role.starting:
        findings.add(
            f"{where}.container",
            N_("the container “%(role)s” is not one that arrives"),
            N_("name a container role with starting: true"),
            role=rule.container,
        )
    label = findings.definition.therapy.label(rule.label)
    if label is not None and label.use is not LabelUse.STARTING_MATERIAL:
        findings.add(
            f"{where}.label",
            N_("the label “%(label)s” is for %(found)s, and %(wanted)s is made here"),
            N_("name a label whose use is %(wanted)s"),
            label=rule.label,
            found=label.use,
            wanted=LabelUse.STARTING_MATERIAL,
        )


def _check_market(findings: Findings, market: str) -> None:
    supply = findings.definition.supply
    collected = {lane.alternative for lane in supply.lanes_for(Leg.STARTING_MATERIAL, market)}
    for alternative in findings.definition.therapy.starting_materials:
        if alternative.id not in collected and None not in collected:
            findings.add(
                "supply.lanes",
                N_("no lane brings “%(alternative)s” starting material from %(market)s"),
                N_("add a lane with leg: starting_material"),
                alternative=alternative.id,
                market=market,
            )
    if not supply.lanes_for(Leg.PRODUCT, market):
        findings.add(
            "supply.lanes",
            N_("no lane brings the product to %(market)s"),
            N_("add a lane with leg: product"),
            market=market,
        )


def _check_lane(findings: Findings, lane: Lane) -> None:
    supply = findings.definition.supply
    where = f"supply.lanes[{lane.id}]"
    container = supply.shipping_container(lane.shipping_container)
    if container is None:
        return
    needed = lane.duration.longest() * (1 + float(supply.product_shipment.hold_margin.to("1").magnitude))
    if container.hold_time < needed:
        findings.add(
            f"{where}.shipping_container",
            N_("“%(container)s” does not hold the temperature for the route and %(margin)s more"),
            N_("use a container that holds longer, or shorten the lane"),
            container=container.id,
            margin=str(supply.product_shipment.hold_margin),
        )
    if lane.duration.longest() > lane.maximum:
        findings.add(
            f"{where}.maximum",
            N_("the lane may take longer than it is allowed to"),
            N_("raise maximum, or shorten the duration"),
        )
    if lane.leg is Leg.PRODUCT:
        wanted = {supply.product_shipment.condition}
    else:
        wanted = {rule.condition for rule in supply.starting_materials if lane.alternative in {None, rule.alternative}}
    if wanted != {container.condition}:
        findings.add(
            f"{where}.shipping_container",
            N_("“%(container)s” keeps %(found)s, and %(wanted)s is needed"),
            N_("name a shipping container for that condition"),
            container=container.id,
            found=container.condition,
            wanted=", ".join(sorted(wanted)),
        )
    if supply.excursion(container.condition) is None:
        findings.add(
            where,
            N_("nothing says how far a logger may leave “%(condition)s” on this lane"),
            N_("add an excursion rule for that condition"),
            condition=container.condition,
        )


def _check_product(findings: Findings) -> None:
    supply, therapy = findings.definition.supply, findings.definition.therapy
    if supply.product_shipment.condition != therapy.storage.condition:
        findings.add(
            "supply.product_shipment.condition",
            N_("the product is kept at “%(product)s”, not at “%(found)s”"),
            N_("write the condition of therapy.yaml, storage"),
            product=therapy.storage.condition,
            found=supply.product_shipment.condition,
        )
    if supply.product_shipment.hold_margin.to("%").magnitude < _LEAST_MARGIN:
        findings.add(
            "supply.product_shipment.hold_margin",
            N_("a shipping container holds at least 50 % longer than its route"),
            N_("write 50 % or more"),
        )
    for rule in supply.excursions:
        low, high = rule.absolute.low, rule.absolute.high
        ends = [end for end in (rule.allowed.low, rule.allowed.high) if end is not None]
        if (low is not None or high is not None) and not all(rule.absolute.holds(end) for end in ends):
            findings.add(
                f"supply.excursions[{rule.id}].absolute",
                N_("the absolute bounds lie within the allowed ones"),
                N_("make the absolute bounds the wider ones"),
            )
    role = findings.definition.process.container(supply.back_up.container) if supply.back_up.container else None
    if role is not None and not role.final:
        findings.add(
            "supply.back_up.container",
            N_("the back-up “%(role)s” is no product container"),
            N_("name a container role with final: true"),
            role=role.id,
        )
    if not any(one.before is Moment.PRODUCT_SHIPMENT for one in supply.reconfirmations):
        findings.add(
            "supply.reconfirmations",
            N_("nobody reconfirms the course before the product is shipped"),
            N_("add a reconfirmation before product_shipment"),
        )


def _check_follow_up(findings: Findings) -> None:
    visits = findings.definition.supply.follow_up
    days = [visit.day for visit in visits]
    if days != sorted(set(days)):
        late = next((v for before, v in pairwise(visits) if v.day <= before.day), None)
        findings.add(
            f"supply.follow_up[{late.id}].day" if late else "supply.follow_up",
            N_("the follow-up visits are not in the order of their days"),
            N_("sort them by day, each day once"),
        )
    if not days or max(days) < _LONG_TERM_DAYS:
        findings.add(
            "supply.follow_up",
            N_("the follow-up ends before 15 years"),
            N_("add the visits of the long-term follow-up"),
        )
