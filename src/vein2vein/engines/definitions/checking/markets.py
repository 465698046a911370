"""Every market's rules are complete: one criterion for each test on every day, and a release for each route."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from vein2vein.core.refusals import N_
from vein2vein.engines.definitions.checking.findings import Findings
from vein2vein.engines.definitions.model.specification import Criterion, Market, MarketRoute, ReleaseRule, Test
from vein2vein.engines.definitions.vocabulary import (
    Attribute,
    Evidence,
    Meaning,
    Organisation,
    ReleaseType,
    ResultType,
    Route,
    Stage,
    Trigger,
)

_NEEDED = (
    Attribute.IDENTITY,
    Attribute.PURITY,
    Attribute.VIABILITY,
    Attribute.DOSE,
    Attribute.VECTOR_COPY_NUMBER,
    Attribute.REPLICATION_COMPETENT_VIRUS,
    Attribute.STERILITY,
    Attribute.MYCOPLASMA,
    Attribute.ENDOTOXIN,
    Attribute.POTENCY,
)
_ALWAYS = (Evidence.CHAIN_OF_IDENTITY, Evidence.BATCH_RECORD_REVIEWED, Evidence.DOSE_DECLARED)
_REGULAR = (
    Evidence.RELEASE_TESTS_CONFORM,
    Evidence.DEVIATIONS_CLOSED,
    Evidence.ENVIRONMENTAL_MONITORING,
    Evidence.LABEL_RECONCILIATION,
)
_OOS_REPORT = timedelta(hours=48)


def check(findings: Findings) -> None:
    """Find markets, routes and days for which something is not laid down."""
    specification = findings.definition.specification
    if not specification.markets:
        findings.add("specification.markets", N_("no market is named"), N_("name at least one market"))
    for market in specification.markets:
        if not market.routes:
            findings.add(
                f"specification.markets[{market.id}].routes",
                N_("no route leads to the patients of “%(market)s”"),
                N_("name a route, or remove the market"),
                market=market.id,
            )
        for route in market.routes:
            _check_criteria(findings, market, route)
            _check_route(findings, market, route)
    _check_attributes(findings)
    for rule in specification.releases:
        _check_release(findings, rule)


def _check_criteria(findings: Findings, market: Market, route: MarketRoute) -> None:
    for test in findings.definition.specification.tests:
        criteria = [
            criterion
            for criterion in findings.definition.specification.criteria
            if criterion.test == test.id and market.id in criterion.markets and route.phase in criterion.phases
        ]
        _check_gaps(findings, market, route, test, criteria)
        for path in _overlaps(criteria):
            findings.add(
                path,
                N_("two criteria for “%(test)s” are in force on the same days in %(market)s, %(phase)s"),
                N_("end one with effective_until, or part them by market or phase"),
                test=test.id,
                market=market.id,
                phase=route.phase,
            )


def _overlaps(criteria: list[Criterion]) -> Iterator[str]:
    ordered = sorted(criteria, key=lambda criterion: criterion.effective_from)
    for earlier, later in pairwise(ordered):
        if earlier.effective_until is None or later.effective_from < earlier.effective_until:
            yield f"specification.criteria[{later.id}]"


def _check_gaps(findings: Findings, market: Market, route: MarketRoute, test: Test, criteria: list[Criterion]) -> None:
    day: date | None = route.effective_from
    for criterion in sorted(criteria, key=lambda one: one.effective_from):
        if day is not None and criterion.effective_from <= day:
            until = criterion.effective_until
            day = None if until is None else max(day, until)
    if day is not None:
        findings.add(
            f"specification.tests[{test.id}]",
            N_("no criterion for “%(test)s” is in force in %(market)s, %(phase)s, from %(day)s on"),
            N_("add a criterion for that market and phase, or begin one earlier"),
            test=test.id,
            market=market.id,
            phase=route.phase,
            day=day.isoformat(),
        )


def _check_attributes(findings: Findings) -> None:
    specification = findings.definition.specification
    decided = {
        test.attribute
        for test in specification.tests
        if test.stage is Stage.RELEASE and test.result is not ResultType.REPORT_ONLY
    }
    for attribute in _NEEDED:
        if attribute not in decided:
            findings.add(
                "specification.tests",
                N_("no release test decides on %(attribute)s"),
                N_("add a release test with a criterion for it"),
                attribute=attribute,
            )
    potency = [test for test in specification.tests if test.attribute is Attribute.POTENCY]
    targets = findings.definition.therapy.targets
    if len(potency) < len(targets):
        findings.add(
            "specification.tests",
            N_("%(count)s targets, yet fewer potency tests"),
            N_("test potency against cells of each target: %(targets)s"),
            count=str(len(targets)),
            targets=", ".join(targets),
        )


def _check_route(findings: Findings, market: Market, route: MarketRoute) -> None:
    rules = findings.definition.specification.releases_for(market.id, route.route)
    where = f"specification.markets[{market.id}].routes[{route.route}]"
    if not any(rule.type is not ReleaseType.OOS_EXCEPTIONAL for rule in rules):
        findings.add(
            where,
            N_("nothing says how a batch is released in %(market)s by the route %(route)s"),
            N_("add a release for this market and route"),
            market=market.id,
            route=route.route,
        )
    types = [rule.type for rule in rules]
    if len(types) != len(set(types)):
        findings.add(
            where,
            N_("two releases of the same type serve %(market)s by the route %(route)s"),
            N_("keep one of them, or part them by market or route"),
            market=market.id,
            route=route.route,
        )
    if market.id == "CN" and ReleaseType.OOS_EXCEPTIONAL in types:
        findings.add(
            where,
            N_("mainland China knows no exceptional supply of a product out of specification"),
            N_("remove CN from the markets of that release"),
        )


def _check_release(findings: Findings, rule: ReleaseRule) -> None:
    where = f"specification.releases[{rule.id}]"
    for market in rule.markets:
        known = findings.definition.specification.market(market)
        for route in rule.routes:
            if known is not None and known.phase_for(route) is None:
                findings.add(
                    f"{where}.routes",
                    N_("the market %(market)s does not know the route %(route)s"),
                    N_("add the route to the market, or take it out here"),
                    market=market,
                    route=route,
                )
    needed: tuple[Evidence, ...] = _ALWAYS if rule.type is ReleaseType.OOS_EXCEPTIONAL else _ALWAYS + _REGULAR
    if rule.type is ReleaseType.OOS_EXCEPTIONAL:
        needed += (Evidence.RISK_EVALUATION, Evidence.PHYSICIAN_REQUEST)
    if Route.CLINICAL_TRIAL in rule.routes:
        needed += (Evidence.TRIAL_APPROVAL,)
    for evidence in needed:
        if evidence not in rule.evidence:
            findings.add(
                f"{where}.evidence",
                N_("the release “%(rule)s” does not ask for %(evidence)s"),
                N_("add %(evidence)s to evidence"),
                rule=rule.id,
                evidence=evidence,
            )
    _check_signatories(findings, rule)
    _check_obligations(findings, rule)


def _check_signatories(findings: Findings, rule: ReleaseRule) -> None:
    meanings = {signatory.meaning for signatory in rule.signatories}
    needed: list[Meaning] = []
    if rule.type is ReleaseType.OOS_EXCEPTIONAL:
        needed += [Meaning.PHYSICIAN_REQUEST, Meaning.RISK_EVALUATED]
    else:
        needed.append(Meaning.MANUFACTURER_RELEASE)
    needed.append(Meaning.SPONSOR_RELEASE if Route.CLINICAL_TRIAL in rule.routes else Meaning.MAH_RELEASE)
    for meaning in needed:
        if meaning not in meanings:
            findings.add(
                f"specification.releases[{rule.id}].signatories",
                N_("nobody signs “%(rule)s” as %(meaning)s"),
                N_("add a signatory with that meaning"),
                rule=rule.id,
                meaning=meaning,
            )
    organisations = {
        Meaning.MANUFACTURER_RELEASE: Organisation.MANUFACTURER,
        Meaning.MAH_RELEASE: Organisation.MAH,
        Meaning.SPONSOR_RELEASE: Organisation.SPONSOR,
        Meaning.PHYSICIAN_REQUEST: Organisation.HOSPITAL,
    }
    for index, signatory in enumerate(rule.signatories):
        wanted = organisations.get(signatory.meaning, signatory.organisation)
        if signatory.organisation is not wanted:
            findings.add(
                f"specification.releases[{rule.id}].signatories[{index}].organisation",
                N_("%(meaning)s is signed on behalf of %(wanted)s"),
                N_("write organisation: %(wanted)s"),
                meaning=signatory.meaning,
                wanted=wanted,
            )


def _check_obligations(findings: Findings, rule: ReleaseRule) -> None:
    where = f"specification.releases[{rule.id}]"
    triggers = {obligation.trigger: obligation for obligation in rule.obligations}
    needed = [Trigger.LATE_POSITIVE]
    if rule.type is ReleaseType.TWO_STAGE:
        needed.append(Trigger.LATE_RESULT)
    if rule.type is ReleaseType.OOS_EXCEPTIONAL:
        needed.append(Trigger.OOS_SUPPLY)
    for trigger in needed:
        if trigger not in triggers:
            findings.add(
                where,
                N_("nothing says what “%(rule)s” obliges to upon %(trigger)s"),
                N_("add an obligation with that trigger"),
                rule=rule.id,
                trigger=trigger,
            )
    report = triggers.get(Trigger.OOS_SUPPLY)
    if rule.type is ReleaseType.OOS_EXCEPTIONAL and report is not None and report.within > _OOS_REPORT:
        findings.add(
            f"{where}.obligations[{report.id}].within",
            N_("an exceptional supply is reported within 48 h"),
            N_("write 48 h or less"),
        )
    if (rule.type is ReleaseType.TWO_STAGE) != bool(rule.open_tests):
        findings.add(
            where,
            N_("open_tests belong to a two-stage release, and to no other"),
            N_("name the tests that may still run at a two-stage release; remove them elsewhere"),
        )
    for index, test_id in enumerate(rule.open_tests):
        test = findings.definition.specification.test(test_id)
        if test is not None and test.stage is not Stage.RELEASE:
            findings.add(
                f"{where}.open_tests[{index}]",
                N_("“%(test)s” is no release test, so it is open in any case"),
                N_("remove it here"),
                test=test_id,
            )
