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
