"""Example papers, ordinary and extreme."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from vein2vein.core import ids
from vein2vein.engines.codes import Kind, issue
from vein2vein.engines.papers import model as m

AT = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
with ids.seeded(11):
    COI = issue(Kind.COI)
    BAG, BAG2, LABEL, KIT, DOCUMENT = (
        issue(kind) for kind in (Kind.CONTAINER, Kind.CONTAINER, Kind.LABEL, Kind.KIT, Kind.DOCUMENT)
    )
    SHIPMENT, SHIPPER, LOGGER, SEAL, ORDER = (
        issue(kind) for kind in (Kind.SHIPMENT, Kind.SHIPPER, Kind.LOGGER, Kind.SEAL, Kind.ORDER)
    )
BATCH = "BAT-26B0147-R"
DIN = "=G12349865432177"
BEDSIDE = m.Bedside("ZY20260731", "WXM", date(1968, 4, 2), subject_number="0412-007")
THERAPY = m.Two("Rapid BCMA/CD19 CAR-T", "快速 BCMA/CD19 双靶点 CAR-T")
WARNINGS = m.Warnings(clinical_trial=True, biohazard=True)

FINAL = m.ContainerLabel(
    language=m.Language.BOTH,
    printed_at=AT,
    demonstration=True,
    simulated=True,
    size=m.LabelSize.FINAL,
    coi=COI,
    container_code=BAG,
    label_code=LABEL,
    bedside=BEDSIDE,
    therapy=THERAPY,
    contents=m.Two("Autologous CAR+ T cells in CS10 (10 % DMSO)", "自体 CAR+ T 细胞，CS10 冻存液 (10% DMSO)"),
    volume="20 mL",
    batch_number=BATCH,
    container_of="1 / 2",
    din=DIN,
    made_at=AT,
    expires_at=date(2027, 11, 21),
    storage=m.Two("≤ −150 °C, vapour of liquid nitrogen", "≤ −150 °C 液氮气相"),
    made_by=m.Two("Lingang site, Shanghai", "临港生产基地，上海"),
    protocol="V2V-101",
    warnings=WARNINGS,
    instructions=m.Two("Do not irradiate. Do not use a leukodepleting filter.", "不得辐照，不得使用白细胞滤器"),
)
LONG_THERAPY = m.Two(
    "Autologous rapid BCMA/CD19 dual-target chimeric antigen receptor T cells, cryopreserved suspension",
    "自体快速制备 BCMA/CD19 双靶点嵌合抗原受体 T 细胞冻存混悬液（注射用）",
)
EXTREME = replace(
    FINAL,
    bedside=m.Bedside("ZY-2026-0731-A-00123456", "欧阳修文", date(1930, 12, 31), subject_number="SUBJ-0412-007-XYZ"),
    therapy=LONG_THERAPY,
    contents=m.Two(
        "Pneumonoultramicroscopicsilicovolcanoconiosis-free autologous CAR+ T cells, CryoStor CS10, 10 % DMSO, 2 % HSA",
        "自体 CAR+ T 细胞，CryoStor CS10 冻存液，含 10% DMSO 与 2% 人血白蛋白",
    ),
    container_of="12 / 24",
    volume="1234.56 mL",
    collected_at=AT,
    expires_at=AT,
    warnings=replace(WARNINGS, reactive=("HBsAg", "anti-HBc", "HTLV-1/2")),
    made_by=m.Two(
        "Demonstration cell therapy manufacturing company, Lingang New Area site, Shanghai",
        "示范细胞治疗有限公司临港新片区生产基地",
    ),
)
INTERMEDIATE = replace(
    FINAL,
    size=m.LabelSize.INTERMEDIATE,
    contents=m.Two("Selected T cells, wash 2", "分选后 T 细胞，第 2 次洗涤"),
    expires_at=AT,
)
SAMPLE = replace(
    FINAL,
    size=m.LabelSize.SAMPLE,
    contents=m.Two("QC sample: sterility", "检验样品：无菌"),
    volume="1.0 mL",
    collected_at=AT,
    din="",
    storage=m.Two("2–8 °C", "2–8 °C"),
)
EXTREME_INTERMEDIATE = replace(EXTREME, size=m.LabelSize.INTERMEDIATE, made_by=FINAL.made_by)
EXTREME_SAMPLE = replace(
    SAMPLE,
    bedside=EXTREME.bedside,
    therapy=LONG_THERAPY,
    contents=m.Two("QC sample: replication-competent lentivirus, co-culture", "检验样品：复制型慢病毒（共培养法）"),
    expires_at=AT,
    warnings=EXTREME.warnings,
)
KIT_LABEL = m.KitLabel(
    printed_at=AT,
    demonstration=True,
    simulated=True,
    kit_code=KIT,
    label_code=LABEL,
    label_of="1 / 4",
    coi=COI,
    purpose=m.Two("Apheresis bag", "单采袋"),
    therapy=THERAPY,
    bedside=BEDSIDE,
    collection_site=m.Two("Renhe Demonstration Hospital, Shanghai", "上海仁和示范医院"),
    storage=m.Two("2–8 °C", "2–8 °C"),
    expires_on=date(2027, 5, 31),
    protocol="V2V-101",
    warnings=WARNINGS,
)
SENDER = m.Party(
    m.Two("Renhe Demonstration Hospital, apheresis unit", "上海仁和示范医院单采室"),
    m.Two("1 Example Road, Pudong, Shanghai 200120", "上海市浦东新区示例路 1 号 200120"),
    "Li Na 李娜",
    "+86 21 5550 0101",
)
RECEIVER = m.Party(
    m.Two("vein2vein Lingang site, goods-in", "临港生产基地收货处"),
    m.Two("88 Example Avenue, Lingang, Shanghai 201306", "上海市浦东新区临港示例大道 88 号 201306"),
    "Zhao Lei 赵磊",
    "+86 21 5550 0188",
)
SHIPPING = m.ShippingLabel(
    printed_at=AT,
    demonstration=True,
    shipment_code=SHIPMENT,
    shipper_code=SHIPPER,
    sscc="376104250021234569",
    coi=COI,
    sender=SENDER,
    receiver=RECEIVER,
    contents=m.Two("Human cells for autologous use, exempt specimen", "自体使用人源细胞，豁免样本"),
    containers=2,
    temperature=m.Two("2–8 °C, do not freeze", "2–8 °C，不得冷冻"),
    packed_at=AT,
    arrive_by=AT + timedelta(hours=20),
    hold_ends_at=AT + timedelta(hours=72),
    carrier=m.Two("Example Cold Chain", "示例冷链"),
    waybill="ECC-0042",
    logger_code=LOGGER,
    seal_code=SEAL,
    emergency="+86 21 5550 0999",
    warnings=WARNINGS,
)
PHYSICIAN = m.Signature(
    "Chen Ming 陈明", m.Two("Treating physician", "主治医生"), m.Two("Dose confirmed", "剂量确认"), None
)
QP = m.Signature(
    "Zhou Qian 周倩",
    m.Two("Qualified person", "质量受权人"),
    m.Two("Batch released for the trial", "批放行用于临床试验"),
    AT,
)
REVIEWER = m.Signature("Sun Wei 孙伟", m.Two("QA reviewer", "QA 审核人"), m.Two("Record reviewed", "记录已审核"), AT)
ROOT = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def steps(operation: int, count: int) -> tuple[m.Step, ...]:
    made: list[m.Step] = []
    for number in range(1, count + 1):
        at = AT + timedelta(minutes=30 * operation + 4 * number)
        step = m.Step(
            f"{operation}.{number}",
            "measure",
            m.Two(f"Measure viability of suspension {number} (AO/DAPI)", f"测定第 {number} 份混悬液活率 (AO/DAPI)"),
            value=f"{90 + number / 10:.1f}",
            unit="%",
            limits="≥ 80.0 %",
            verdict=m.Verdict.WITHIN,
            performed_at=at,
            recorded_at=at,
            performed_by="Li Jun 李军",
            checked_by="Wang Fang 王芳",
            checked_at=at + timedelta(minutes=1),
        )
        if number == 3:
            step = replace(
                step,
                value="71.2",
                verdict=m.Verdict.OUTSIDE,
                deviations=("DEV-0007: viability below the limit 活率低于限度 (open)",),
                corrections=(m.Correction("17.2", "71.2", "digits exchanged 数字颠倒", "Li Jun 李军", AT),),
                comments=('Counted twice, 2×10⁶ cells.\nSecond line # not *markup* $x$ \\ "quoted"',),
                signatures=(replace(REVIEWER, meaning=m.Two("Result reviewed", "结果已复核")),),
            )
        if number == 5:
            step = replace(
                step, late_reason="paper fallback, witnessed 纸质备用，有见证人", recorded_at=at + timedelta(hours=3)
            )
        made.append(step)
    return tuple(made)


RECORD = m.BatchRecord(
    printed_at=AT,
    demonstration=True,
    simulated=True,
    coi=COI,
    batch_number=BATCH,
    therapy=THERAPY,
    definition="rapid-bcma-cd19 v1.0",
    definition_hash=ROOT,
    order_code=ORDER,
    site=m.Two("Lingang", "临港生产基地"),
    route=m.Two("Clinical trial V2V-101", "临床试验 V2V-101"),
    status=m.Two("complete, under review", "完成，审核中"),
    document_code=DOCUMENT,
    subject="0412-007",
    started_at=AT,
    ended_at=AT + timedelta(hours=28),
    exceptions=(
        m.Exceptional(
            m.Two("Outside limits", "超限"),
            "1.3",
            "Viability 71.2 % (≥ 80.0 %) 活率",
            m.Two("DEV-0007 open", "DEV-0007 未关闭"),
        ),
        m.Exceptional(m.Two("Corrected", "更正"), "1.3", "17.2 → 71.2", m.Two("explained", "已说明")),
        m.Exceptional(m.Two("Late entry", "补录"), "1.5", "3 h", m.Two("witnessed", "有见证")),
    ),
    operations=tuple(
        m.Operation(str(n), m.Two(en, zh), f"WKS-LG-0{n}", "Li Jun 李军", AT, AT + timedelta(hours=2), steps(n, 10))
        for n, (en, zh) in enumerate(
            (
                ("Receipt and count", "接收与计数"),
                ("Wash", "洗涤"),
                ("Selection", "分选"),
                ("Transduction", "转导"),
                ("Harvest", "收获"),
                ("Formulation and freezing", "制剂与冻存"),
            ),
            start=1,
        )
    ),
    materials=(
        m.MaterialUsed(
            m.Two("Lentiviral vector", "慢病毒载体"),
            "LOT-LV26-003-K",
            "2 vials",
            m.Two("released", "已放行"),
            date(2027, 8, 1),
            "4.2",
        ),
    ),
    equipment=(m.EquipmentUsed(m.Two("Incubator", "培养箱"), "EQP-INC-07-Q", date(2027, 3, 1), "4.4"),),
    labels=(("LBL-… final bags: 2 printed 打印", "2 applied 使用, 0 spare 剩余"),),
    review=(REVIEWER, replace(QP, signed_at=None)),
    journal_head=ROOT[::-1],
    merkle_root=ROOT,
    sealed_at=AT,
)
CERTIFICATE = m.Certificate(
    printed_at=AT,
    demonstration=True,
    document_code=DOCUMENT,
    coi=COI,
    batch_number=BATCH,
    therapy=THERAPY,
    container_codes=(BAG, BAG2),
    specification="rapid-bcma-cd19 / CN / phase 1 / v2",
    market=m.Two("China mainland", "中国大陆"),
    route=m.Two("Clinical trial", "临床试验"),
    site=m.Two("Lingang", "临港生产基地"),
    laboratory=m.Two("Lingang QC laboratory", "临港 QC 实验室"),
    made_at=AT,
    expires_at=date(2027, 11, 21),
    storage="≤ −150 °C",
    tests=tuple(
        m.TestLine(m.Two(en, zh), m.Two(method, ""), criterion, result, verdict, AT)
        for en, zh, method, criterion, result, verdict in (
            (
                "Appearance",
                "外观",
                "visual",
                m.Two("cell suspension, no aggregates", "细胞混悬液，无聚集"),
                "complies",
                m.Verdict.WITHIN,
            ),
            ("Viability", "活率", "AO/DAPI", "≥ 80 %", "91.3 %", m.Verdict.WITHIN),
            ("CAR+ (BCMA and CD19)", "CAR+（BCMA 与 CD19）", "flow", "≥ 10 %", "34.8 %", m.Verdict.WITHIN),
            ("CD3+ purity", "CD3+ 纯度", "flow", "≥ 90 %", "97.1 %", m.Verdict.WITHIN),
            ("Residual CD138+", "残留 CD138+", "flow", "≤ 0.1 %", "0.4 %", m.Verdict.OUTSIDE),
            ("Vector copy number", "载体拷贝数", "ddPCR", "< 5 / cell", "2.1", m.Verdict.WITHIN),
            ("Sterility", "无菌", "ChP 1101", m.Two("no growth", "无菌生长"), "no growth", m.Verdict.WITHIN),
            ("Endotoxin", "内毒素", "LAL", "< 5 EU/mL", "< 0.5", m.Verdict.WITHIN),
            ("IFN-γ release", "IFN-γ 释放", "ELISA", m.Two("report", "报告"), "812 pg/mL", m.Verdict.NONE),
        )
    ),
    conformity=m.Two("Does not conform: residual CD138+", "不符合：残留 CD138+"),
    conforms=False,
    disposition=m.Two("Rejected", "拒绝放行"),
    released=False,
    deviations=("DEV-0007 closed 已关闭",),
    obligations=(m.Two("Report the 14-day sterility result to the physician", "向医生报告 14 天无菌结果"),),
    signatures=(REVIEWER, QP),
    merkle_root=ROOT,
    sealed_at=AT,
    din=DIN,
)
BAGS = (m.DoseBag(BAG, "20 mL", "3.1×10⁷", "1.05×10⁷"), m.DoseBag(BAG2, "20 mL", "3.1×10⁷", "1.05×10⁷"))
DOSE = m.DoseReport(
    printed_at=AT,
    demonstration=True,
    document_code=DOCUMENT,
    coi=COI,
    batch_number=BATCH,
    therapy=THERAPY,
    bedside=BEDSIDE,
    car_positive_cells="2.10×10⁷",
    cells_per_kg="3.0×10⁵ /kg",
    ordered="3.0×10⁵ /kg",
    allowed="2.4–3.6×10⁵ /kg",
    weight="70.0 kg",
    weighed_on=date(2026, 11, 20),
    bags=BAGS,
    total_volume="40 mL",
    calculation=(
        m.CalculationLine(
            m.Two("Viable cells", "活细胞数"), "1.70×10⁶ /mL × 91.3 % × 40 mL", "6.21×10⁷", "6.4 count 计数"
        ),
        m.CalculationLine(
            m.Two("CAR+ viable cells", "CAR+ 活细胞数"), "6.21×10⁷ × 33.8 %", "2.10×10⁷", "flow, day 5 流式"
        ),
        m.CalculationLine(m.Two("Per kilogram", "每千克"), "2.10×10⁷ ÷ 70.0 kg", "3.0×10⁵ /kg", "weight 2026-11-20"),
    ),
    recalculated=m.Two("agrees within 0.1 %", "一致，差异 0.1% 以内"),
    declared_from="CAR+ % of the 5-day culture (definition: dose.from)",
    signatures=(QP, PHYSICIAN),
    merkle_root=ROOT,
)
RFI = m.ReleaseForInfusion(
    printed_at=AT,
    demonstration=True,
    document_code=DOCUMENT,
    coi=COI,
    batch_number=BATCH,
    therapy=THERAPY,
    bedside=BEDSIDE,
    hospital=m.Two("Renhe Demonstration Hospital", "上海仁和示范医院"),
    physician="Chen Ming 陈明",
    route=m.Two("Clinical trial V2V-101", "临床试验 V2V-101"),
    disposition=m.Two("Released for the trial", "放行用于临床试验"),
    released=True,
    bags=BAGS,
    dose="2.10×10⁷ CAR+",
    expires_at=date(2027, 11, 21),
    checks=(
        m.ReleaseCheck(m.Two("Every test of the specification complies", "质量标准各项检验均符合"), True, DOCUMENT),
        m.ReleaseCheck(m.Two("No open deviation", "无未关闭偏差"), True),
        m.ReleaseCheck(m.Two("Bridging therapy washed out", "桥接治疗洗脱"), False, "pending 待定"),
    ),
    thaw=(
        m.Two("Thaw one bag at a time at 37 °C.", "每次复苏一袋，37 °C。"),
        m.Two("Infuse within 30 minutes of thawing.", "复苏后 30 分钟内回输。"),
    ),
    certificate_code=DOCUMENT,
    dose_report_code=DOCUMENT,
    din=DIN,
    signatures=(QP, PHYSICIAN),
    merkle_root=ROOT,
)
TRAVEL = m.TravelPapers(
    printed_at=AT,
    demonstration=True,
    simulated=True,
    shipment_code=SHIPMENT,
    shipper_code=SHIPPER,
    sscc="376104250021234569",
    coi=COI,
    sender=SENDER,
    receiver=RECEIVER,
    contents=m.Two("Human cells for autologous use", "自体使用人源细胞"),
    temperature=m.Two("2–8 °C, do not freeze", "2–8 °C，不得冷冻"),
    excursion_rule=m.Two("above 10 °C for more than 30 min: quarantine", "高于 10 °C 超过 30 分钟：隔离"),
    packed_at=AT,
    arrive_by=AT + timedelta(hours=20),
    hold_ends_at=AT + timedelta(hours=72),
    requalified_on=date(2026, 11, 1),
    logger_code=LOGGER,
    seal_code=SEAL,
    emergency="+86 21 5550 0999",
    waybill="ECC-0042",
    packed=(
        m.PackedContainer(BAG, m.Two("Leukapheresis", "单采物"), "120 mL", "", AT + timedelta(hours=48)),
        m.PackedContainer(BAG2, m.Two("Plasma", "血浆"), "50 mL"),
    ),
    legs=(
        m.Leg(
            m.Two("Hospital", "医院"),
            m.Two("Lingang", "临港"),
            m.Two("Example Cold Chain", "示例冷链"),
            m.Two("road", "公路"),
            AT,
            AT + timedelta(hours=3),
        ),
    ),
    handovers=(
        m.Handover(m.Two("Apheresis unit", "单采室"), "Li Na 李娜", "Driver Ma 马师傅", AT, "seal intact 封签完好"),
        m.Handover(m.Two("Lingang goods-in", "临港收货处")),
    ),
    permits=(
        m.Permit(
            m.Two("Human genetic resources filing", "人类遗传资源备案"),
            "HGR-DEMO-1",
            m.Two("National Health Commission", "国家卫生健康委"),
            date(2027, 1, 1),
        ),
    ),
    instructions=(m.Two("Keep upright.", "保持直立。"), m.Two("Do not place in the cold hold.", "勿放入冷冻舱。")),
    warnings=WARNINGS,
)
