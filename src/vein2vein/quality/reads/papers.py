"""Certificate of analysis, dose report and release for infusion as PDF, from what was decided and signed."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vein2vein.core import clock
from vein2vein.core.actor import HOSPITAL_ROLES, Actor, Role
from vein2vein.core.ids import AccountId, BatchId, CoiId, OrderId
from vein2vein.core.numbers import written
from vein2vein.core.refusals import N_, Blocker, NotFound, Refused
from vein2vein.core.uploads import Upload
from vein2vein.doors.reading import read
from vein2vein.engines import papers
from vein2vein.engines.definitions import Definition
from vein2vein.engines.papers import model
from vein2vein.identity.reads import bedside_for_label
from vein2vein.journal.reads import database_kind
from vein2vein.journal.sealing import latest_seal
from vein2vein.laboratory.reads import standing_results
from vein2vein.manufacturing.reads import definition_of
from vein2vein.network.reads import get_market
from vein2vein.orders.reads import get_order
from vein2vein.people.reads import get_account
from vein2vein.quality.models import DeclaredDose, Deviation, Disposition
from vein2vein.quality.reads.records import READERS, dispositions_of
from vein2vein.quality.rules.release import TITLES
from vein2vein.quality.states import Decision

if TYPE_CHECKING:
    from vein2vein.orders.models import Order

HOSPITAL_AND_QUALITY = (*HOSPITAL_ROLES, Role.QA_REVIEWER, Role.QUALIFIED_PERSON)
"""Who reads the paper that names the patient: the hospital's own people, and those who release to them."""

MEANINGS = {
    Decision.RELEASE_BY_MANUFACTURER: model.Two("manufacturer's release", "出厂放行"),
    Decision.RELEASE_BY_MAH: model.Two("MAH release", "上市放行"),
    Decision.RELEASE_BY_SPONSOR: model.Two("sponsor's release for the trial", "申办者放行（临床试验）"),
    Decision.EXCEPTIONAL_BY_MANUFACTURER: model.Two("exceptional release: risk evaluated", "例外放行：已作风险评估"),
    Decision.EXCEPTIONAL_BY_MAH: model.Two("exceptional release by the MAH", "上市许可持有人例外放行"),
    Decision.COMPLETE_SECOND_STAGE: model.Two("second stage of the release", "第二阶段放行"),
    Decision.RELEASE_RESERVE: model.Two("reserve released for use", "备用袋放行使用"),
    Decision.REJECT_RESERVE: model.Two("reserve rejected", "备用袋拒绝放行"),
    Decision.REJECT: model.Two("rejected", "拒绝放行"),
}
ROUTES = {
    "clinical_trial": model.Two("Clinical trial", "临床试验"),
    "named_patient": model.Two("Named patient", "指定患者用药"),
    "conditional": model.Two("Conditional approval", "附条件批准"),
    "commercial": model.Two("Commercial", "上市使用"),
}
GATES_ZH = {
    "authorisation": "市场与途径当日已获批准",
    "order": "订单待放行",
    "releases": "放行次序正确",
    "signer": "签署人资格",
    "chain_of_identity": "身份链完整",
    "starting_material_receipt": "供者材料已接收合格",
    "batch_record_reviewed": "批记录已审核",
    "label_reconciliation": "标签平衡",
    "materials_released": "物料均已放行",
    "environmental_monitoring": "环境监测",
    "deviations_closed": "偏差均已关闭",
    "release_tests_conform": "放行检验符合规定",
    "freezing_curve": "冻存曲线已归档",
    "dose_declared": "剂量已声明",
    "trial_approval": "临床试验已批准且受试者已登记",
    "physician_request": "医生已申请",
    "risk_evaluation": "风险已评估",
    "patient_consent": "患者同意例外供应",
    "nonconformity": "检验完整且确认不符合规定",
    "label_statement": "标签注明不符合质量标准",
    "reserve_asked_for": "医生申请使用备用袋",
    "batch_released": "批已放行",
    "reserve_there": "备用袋在库、在效期内且标签有效",
}
_VERDICTS = {"pass": model.Verdict.WITHIN, "fail": model.Verdict.OUTSIDE}


def _decided(batch_id: BatchId, by: Actor) -> tuple[list[Disposition], Disposition, Order]:
    """Return a batch's decisions, the final one and its order, to whoever may see the order."""
    rows = dispositions_of(batch_id)
    order = get_order(order_id=OrderId(rows[0].order_id), by=by) if rows else None
    if order is None:
        raise NotFound(_undecided(batch_id))
    final = next((one for one in rows if one.final), None)
    if final is None:
        raise Refused(_undecided(batch_id))
    return rows, final, order


def _undecided(batch_id: BatchId) -> Blocker:
    return Blocker(
        code="quality.no_paper_yet",
        message=N_("The batch has no final disposition, and so no paper"),
        field="batch_id",
        value=str(batch_id),
        mend=N_("Print it when the last release was given"),
    )


def _released(batch_id: BatchId, by: Actor) -> tuple[list[Disposition], Disposition, DeclaredDose, Order]:
    """Return a batch's decisions and the release in force: the last one, which may be that of its reserve."""
    rows, _, order = _decided(batch_id, by)
    release = next((one for one in reversed(rows) if one.rfi_number), None)
    if release is None or release.dose is None:
        raise Refused(_undecided(batch_id))
    return rows, release, release.dose, order


def _common(order: Order, final: Disposition, language: model.Language) -> dict[str, Any]:
    kind, seal = database_kind(), latest_seal()
    definition = definition_of(final.batch)
    return {
        "language": language,
        "printed_at": clock.now(),
        "zone": order.hospital.zone,
        "demonstration": kind == "demonstration" or definition.therapy.demonstration,
        "simulated": kind == "simulated",
        "coi": "" if order.coi is None else order.coi.code,
        "batch_number": final.batch.number,
        "therapy": model.Two(definition.therapy.name.en, definition.therapy.name.zh),
        "merkle_root": "" if seal is None else seal.root,
    }


def _signatures(rows: list[Disposition]) -> tuple[model.Signature, ...]:
    return tuple(
        model.Signature(
            printed_name=row.decided_by_name,
            role=model.Two(
                "qualified person" + (f", delegated by {row.delegated_from}" if row.delegated_from else ""),
                "质量受权人" + (f"（{row.delegated_from} 转授权）" if row.delegated_from else ""),
            ),
            meaning=MEANINGS[Decision(row.decision)],
            signed_at=row.decided_at,
        )
        for row in rows
    )


def _disposition(final: Disposition) -> model.Two:
    if final.decision == Decision.REJECT:
        return model.Two("Rejected", "拒绝放行")
    route = ROUTES[final.route]
    if final.request is not None:
        told = final.request
        return model.Two(
            f"{told.statement_en} ({told.code}; {route.en})", f"{told.statement_zh}（{told.code}；{route.zh}）"
        )
    return model.Two(f"Released: {route.en}", f"放行：{route.zh}")


@read("quality.get_certificate", roles=(*READERS, *HOSPITAL_ROLES))
def get_certificate(*, batch_id: BatchId, language: model.Language = model.Language.BOTH, by: Actor) -> Upload:
    """Return the certificate of analysis (检验报告书) of a batch that has its final disposition."""
    rows, final, order = _decided(batch_id, by)
    definition = definition_of(final.batch)
    market, site = get_market(final.market), final.batch.site
    verdict: dict[str, Any] = (
        {"overall": "incomplete", "lines": []} if final.assessment is None else json.loads(final.assessment.verdict)
    )
    conforms = verdict["overall"] == "conforms"
    seal = latest_seal()
    condition = definition.supply.condition(definition.therapy.storage.condition)
    bags = [entry["container_code"] for entry in final.dose.bags] if final.dose is not None else []
    paper = model.Certificate(
        **_common(order, final, language),
        document_code=final.certificate_number,
        container_codes=tuple(bags),
        specification=model.Two(
            f"{definition.name} / {final.market} / {ROUTES[final.route].en}",
            f"{definition.name} / {final.market} / {ROUTES[final.route].zh}",
        ),
        market=model.Two(market.name_en, market.name_zh),
        route=ROUTES[final.route],
        site=model.Two(site.name_en, site.name_zh),
        laboratory=model.Two(f"{site.name_en}, quality control", f"{site.name_zh} 质量控制实验室"),
        made_at=final.batch.completed_at,
        expires_at=_expiry(final, definition),
        storage="" if condition is None else model.Two(condition.name.en, condition.name.zh),
        tests=tuple(_test_lines(final, definition, verdict["lines"])),
        conformity=model.Two("Conforms", "符合规定") if conforms else _unlike(verdict),
        conforms=conforms,
        disposition=_disposition(final),
        released=final.decision != Decision.REJECT,
        deviations=tuple(
            f"{one.code} {one.state}" for one in Deviation.objects.filter(batch_id=batch_id).order_by("id")
        ),
        obligations=tuple(_obligations(final, definition)),
        signatures=_signatures(rows),
        sealed_at=None if seal is None else seal.sealed_at,
        din=_din(order),
        subject=order.subject_number,
    )
    return _printed(paper, f"{final.certificate_number}.pdf")


def _printed(paper: model.Certificate | model.DoseReport | model.ReleaseForInfusion, filename: str) -> Upload:
    try:
        if isinstance(paper, model.Certificate):
            return Upload(filename, papers.certificate(paper))
        if isinstance(paper, model.DoseReport):
            return Upload(filename, papers.dose_report(paper))
        return Upload(filename, papers.release_for_infusion(paper))
    except papers.CannotPrint as error:
        raise Refused(replace(error.blocker(), value="")) from None


def _unlike(verdict: dict[str, Any]) -> model.Two:
    names = [line for line in verdict["lines"] if line["status"] in ("fail", "missing", "invalid") and line["required"]]
    english = ", ".join(line["name_en"] for line in names)
    chinese = "、".join(line["name_zh"] for line in names)
    if verdict["overall"] == "does_not_conform":
        return model.Two(f"Does not conform: {english}", f"不符合规定：{chinese}")
    return model.Two(f"Not complete: {english}", f"检验未完成：{chinese}")


def _test_lines(final: Disposition, definition: Definition, lines: list[dict[str, Any]]) -> list[model.TestLine]:
    specification = definition.specification
    measured = {test.code: result for test, result in standing_results(final.batch_id) if result is not None}
    found = []
    for line in lines:
        test = specification.test(line["test"])
        method = None if test is None else specification.method(test.method)
        outcomes = {} if test is None else {one.id: model.Two(one.name.en, one.name.zh) for one in test.outcomes}
        result = measured.get(line["test"])
        outcome = outcomes.get(line["outcome"])
        shown = outcome or _number(line["rounded"], line["unit"])
        found.append(
            model.TestLine(
                name=model.Two(line["name_en"], line["name_zh"]),
                method="" if method is None else model.Two(method.name.en, method.name.zh),
                criterion=outcomes.get(line["limit"])
                or (model.Two("report", "报告") if line["limit"] == "report" else line["limit"]),
                result=shown or "–",
                verdict=_VERDICTS.get(line["status"], model.Verdict.NONE),
                tested_at=None if result is None else result.measured_at,
                comment="" if line["required"] or shown else model.Two("pending", "待报告"),
            )
        )
    return found


def _number(value: str | None, unit: str) -> str:
    if value is None:
        return ""
    number = Decimal(value)
    shown = written(number, digits=4) if abs(number) >= 100000 else str(value)
    return shown if unit in ("", "1") else f"{shown} {unit}"


def _obligations(final: Disposition, definition: Definition) -> list[model.Two]:
    rule = next((one for one in definition.specification.releases if one.id == final.release_rule), None)
    return [] if rule is None else [model.Two(one.text.en, one.text.zh) for one in rule.obligations]


def _expiry(final: Disposition, definition: Definition) -> Any:
    if final.batch.completed_at is None:
        return None
    return (final.batch.completed_at + definition.therapy.storage.shelf_life).date()


def _din(order: Order) -> str:
    collection = getattr(order, "collection", None)
    code = "" if collection is None else str(collection.donation_number)
    return code if code.startswith("=") else ""


def _bags(dose: DeclaredDose) -> tuple[model.DoseBag, ...]:
    inputs = dose.result.inputs
    live = inputs.get("viable_cell_concentration", {}).get("value")
    return tuple(
        model.DoseBag(
            container_code=entry["container_code"],
            volume=written(Decimal(entry["volume_ml"]), "mL"),
            viable_cells="–" if live is None else _scientific(Decimal(live) * Decimal(entry["volume_ml"])),
            car_positive_cells=_scientific(Decimal(entry["cells"])),
        )
        for entry in dose.bags
    )


def _scientific(value: Decimal) -> str:
    return written(value, digits=3)


def _amount(value: Decimal, unit: str) -> str:
    return f"{_scientific(value)} /kg" if unit.endswith("/kg") else _scientific(value)


@read("quality.get_dose_report", roles=(*READERS, *HOSPITAL_ROLES))
def get_dose_report(*, batch_id: BatchId, language: model.Language = model.Language.BOTH, by: Actor) -> Upload:
    """Return the report of the declared dose of a released batch, with its calculation line by line."""
    rows, final, dose, order = _released(batch_id, by)
    definition = definition_of(final.batch)
    rule = definition.therapy.dose
    tolerance = rule.tolerance.to("1").magnitude
    paper = model.DoseReport(
        **_common(order, final, language),
        document_code=final.dose_report_number,
        bedside=None,
        car_positive_cells=_scientific(dose.total_cells),
        cells_per_kg=_amount(dose.total_cells / dose.weight_kg, "cell/kg"),
        ordered=_amount(dose.ordered_amount, dose.unit),
        allowed=f"{_amount(dose.ordered_amount * (1 - tolerance), dose.unit)} – "
        f"{_amount(dose.ordered_amount * (1 + tolerance), dose.unit)}",
        weight=f"{dose.weight_kg} kg",
        weighed_on=dose.weight_measured_at.date(),
        bags=_bags(dose),
        total_volume=written(sum((Decimal(entry["volume_ml"]) for entry in dose.bags), Decimal(0)), "mL"),
        calculation=tuple(_calculation(dose, definition)),
        recalculated=model.Two("Two independent reckonings agree", "两次独立计算一致"),
        declared_from=model.Two(dose.result.test.name_en, dose.result.test.name_zh),
        signatures=(
            model.Signature(
                dose.declared_by_name,
                model.Two("quality assurance", "质量保证"),
                model.Two("dose declared", "剂量声明"),
                dose.declared_at,
            ),
            *_signatures(rows),
        ),
    )
    return _printed(paper, f"{final.dose_report_number}.pdf")


def _calculation(dose: DeclaredDose, definition: Definition) -> list[model.CalculationLine]:
    inputs = {name: one for name, one in sorted(dose.result.inputs.items()) if isinstance(one, dict)}
    known = {name: _quantity(name, definition) for name in inputs}
    found = [
        model.CalculationLine(known[name][0], "", written(Decimal(one["value"]), one["unit"]), known[name][1])
        for name, one in inputs.items()
    ]
    formula = str(dose.result.inputs.get("formula", "")).replace("*", "×")
    names = {name: what for name, (what, _) in known.items()}
    whole = _scientific(dose.total_cells)
    said = model.Two(_in_words(formula, names, "en"), _in_words(formula, names, "zh"))
    found.append(model.CalculationLine(model.Two("CAR+ viable cells", "CAR阳性活细胞"), said, whole))
    per_kg = _amount(dose.total_cells / dose.weight_kg, "cell/kg")
    found.append(model.CalculationLine(model.Two("Per kilogram", "每千克"), f"{whole} ÷ {dose.weight_kg} kg", per_kg))
    return found


def _quantity(name: str, definition: Definition) -> tuple[model.Two, model.Two]:
    """Return what a value of the calculation is called, and where it comes from: a test, or a step of the record."""
    test = definition.specification.test(name)
    if test is not None:
        method = definition.specification.method(test.method)
        source = model.Two("Test result", "检验结果") if method is None else model.Two(method.name.en, method.name.zh)
        return model.Two(test.name.en, test.name.zh), source
    for _, step in definition.process.all_steps():
        if getattr(step, "value", None) == name:
            said = model.Two(step.text.en.rstrip("."), step.text.zh.rstrip("。"))
            return said, model.Two("Batch record", "批生产记录")
    return model.Two(name.replace("_", " "), name.replace("_", " ")), model.Two("", "")


def _in_words(formula: str, names: dict[str, model.Two], language: str) -> str:
    return re.sub(
        r"[a-z][a-z0-9_]*", lambda one: getattr(names[one[0]], language) if one[0] in names else one[0], formula
    )


@read("quality.get_release_for_infusion", roles=HOSPITAL_AND_QUALITY)
def get_release_for_infusion(*, batch_id: BatchId, language: model.Language = model.Language.BOTH, by: Actor) -> Upload:
    """Return the release for infusion (RFI): which bags, for whom, under which decision, on which conditions."""
    rows, final, dose, order = _released(batch_id, by)
    definition = definition_of(final.batch)
    known = bedside_for_label(CoiId(final.batch.coi_id))
    whole, amount = _scientific(dose.total_cells), _amount(dose.amount, dose.unit)
    evidence = {
        "batch_record_reviewed": final.batch.number,
        "release_tests_conform": final.certificate_number,
        "dose_declared": final.dose_report_number,
        "chain_of_identity": "" if order.coi is None else order.coi.code,
        "order": order.code,
    }
    minutes = int(definition.supply.bedside.thaw_to_infusion_end.total_seconds() // 60)
    paper = model.ReleaseForInfusion(
        **_common(order, final, language),
        document_code=final.rfi_number,
        bedside=model.Bedside(known.hospital_number, known.initials, known.birth_date, order.subject_number),
        hospital=model.Two(order.hospital.name_en, order.hospital.name_zh),
        physician="" if order.prescribed_by is None else get_account(AccountId(order.prescribed_by)).printed_name,
        route=ROUTES[final.route],
        disposition=_disposition(final),
        released=True,
        bags=_bags(dose),
        dose=f"{whole} CAR+" if amount == whole else f"{whole} CAR+ ({amount})",
        expires_at=_expiry(final, definition),
        checks=tuple(
            model.ReleaseCheck(
                model.Two(TITLES[one["code"]], GATES_ZH.get(one["code"], "")),
                one["state"] == "met",
                evidence.get(one["code"], ""),
            )
            for one in final.gates
        ),
        thaw=(
            model.Two("Thaw one bag at a time, after the match at the bedside.", "床旁核对后，每次复苏一袋。"),
            model.Two(f"Finish the infusion within {minutes} minutes of thawing.", f"复苏后{minutes}分钟内完成回输。"),
        ),
        certificate_code=final.certificate_number,
        dose_report_code=final.dose_report_number,
        din=_din(order),
        signatures=_signatures(rows),
    )
    return _printed(paper, f"{final.rfi_number}.pdf")
