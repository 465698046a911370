"""Where figures are from, in Chinese: the sentences of shipped figures, and those made of records and definitions.

The English sentence belongs to the figure, and with it to every model that was kept; this is its other half.
"""

from __future__ import annotations

import re

_TAILS = {
    "assumed, without a published figure: replace it by the base's own": "假设值，无公开数据，请以本基地数据替换",
    "invented for a small base: replace it by the base's own": "为小型基地虚设，请以本基地数据替换",
    "assumed, anchored in published manufacturing failures (Blood 2023 real-world series, CARTITUDE-1)": (
        "假设值，参照已发表的生产失败率（Blood 2023 真实世界系列、CARTITUDE-1）"
    ),
    "assumed, UK large B-cell lymphoma series: 38 failures of 981 batches": (
        "假设值，英国大 B 细胞淋巴瘤系列：981 批中 38 批失败"
    ),
    "UK large B-cell lymphoma series: 38 failures of 981 batches": "英国大 B 细胞淋巴瘤系列：981 批中 38 批失败",
    "assumed": "假设值",
    "from memory": "凭记忆",
}
"""What stands after the first colon, by its English text."""
_HEADS = {
    "a repeated sterility test adds 7–14 d": "重复无菌检查增加 7–14 天",
    "an invalid assay adds 1–3 d": "检验无效增加 1–3 天",
    "an out-of-specification product was given all the same": "不合格产品仍予使用",
    "analysts from 08:00 to 20:00, every day": "每日 08:00–20:00 的检验员",
    "arranging another apheresis": "安排再次单采",
    "batch records under review at once, every day": "每日同时审核的批记录数",
    "batch terminated, 1–4 %": "批次终止，1–4 %",
    "batches over a hold limit that quality lets go on": "超出暂存时限而质量部门准予继续的批次",
    "collections put off because the patient is unfit": "因患者状况不适而推迟的采集",
    "disposition by the qualified person": "质量受权人的放行决定",
    "from 08:00 to 18:00, every day": "每日 08:00–18:00",
    "from one vector lot to the next, 4–6 months of lead time": "两批载体之间，交付周期 4–6 个月",
    "from release to hand-over, with the site's reconfirmation": "自放行至交付承运，含医院再次确认",
    "from the material's arrival to the batch record": "自起始材料到达至批记录开启",
    "invalid assay per run": "每次检验的无效率",
    "invalid sterility test": "无菌检查无效",
    "made again after a failure, 21 of 38": "失败后重新生产，38 例中 21 例",
    "operators from 06:00 to 22:00": "06:00–22:00 的操作员",
    "operators from 22:00 to 06:00": "22:00–06:00 的操作员",
    "order to collection": "自医嘱至采集",
    "ordered and not collected": "已下医嘱而未采集",
    "orders of a year until the base's own are known": "本基地数据已知之前的年医嘱数",
    "out of specification": "不合格",
    "out of specification, swept 2–19 %": "不合格，考察范围 2–19 %",
    "quality review 0.5–3 working days of 8 h": "质量审核 0.5–3 个工作日（每日 8 小时）",
    "receipt, identity, count": "接收、身份核对、计数",
    "shipper or logger failed in transit": "运输途中运输箱或温度记录仪失效",
    "starting material across a border": "跨境运输的起始材料",
    "starting material rejected at receipt": "接收时拒收的起始材料",
    "starting material, domestic": "境内运输的起始材料",
    "suite turnaround with line clearance": "含清场的生产间周转",
    "too few cells, apheresis repeated, 3–5 %": "细胞数不足而重复单采，3–5 %",
    "until fit again": "至患者恢复",
}
"""What stands before it."""
_WHOLE = {
    "a bed is kept for eight hours (orders.plan_infusion)": "床位保留八小时（orders.plan_infusion）",
    "a vector lot of 50 L makes some 280 batches; derived from typical titres": (
        "50 L 载体批约可生产 280 批；由典型滴度推算"
    ),
    "an open course's own appointment; not to be changed": "进行中疗程自身的预约；不可更改",
    "compendial sterility, 14 d; assumed": "药典无菌检查，14 天；假设值",
    "declaration to release 4 h, Shanghai Pudong, February 2025; spread assumed": (
        "申报至放行 4 小时，上海浦东，2025 年 2 月；离散度为假设值"
    ),
    "flow cytometry with counts and viability, 4–8 h": "流式细胞术含计数与活率，4–8 小时",
    "fresh apheresis at 2–8 °C: at most 72 h, published Shanghai–Hong Kong case": (
        "2–8 °C 新鲜单采物：至多 72 小时，已公布的沪港案例"
    ),
    "harvest, formulation, controlled-rate freezing, typical": "收获、制剂、程序降温，典型值",
    "leukapheresis takes 3–6 h": "白细胞单采需 3–6 小时",
    "monitoring after infusion, two weeks in the labels": "回输后监测，说明书规定两周",
    "nobody comes this way by chance; not to be changed": "无人随机走此路径；不可更改",
    "not infused after apheresis: 4 % at 7 d, 8–9 % at a month, 15–30 % at long vein to vein; derived": (
        "单采后未回输：7 天时 4 %，一个月时 8–9 %，静脉到静脉时间长时 15–30 %；推算值"
    ),
    "order to collection: assumed, without a published figure: replace it by the base's own (referral to apheresis "
    "takes 22 d, IQR 15–28, at one US centre)": (
        "自医嘱至采集：假设值，无公开数据，请以本基地数据替换（美国某中心转诊至单采 22 天，四分位距 15–28）"
    ),
    "product on site to the begin of lymphodepletion: what transit and lymphodepletion leave of release to infusion, "
    "median 8 d, at least 6 d (assumed)": (
        "产品到院至清淋开始：自放行至回输扣除运输与清淋后的时间，中位数 8 天，至少 6 天（假设值）"
    ),
    "rapid panel, published allowance 7 d; assumed": "快速检验组合，公布的允许时间 7 天；假设值",
    "referral to apheresis, median 22 d, IQR 15–28, one US centre, n = 34": (
        "转诊至单采，中位数 22 天，四分位距 15–28，美国一家中心，n = 34"
    ),
    "shipper failure 0.3 % (assumed) and cryobag fracture 0.3 % of bags (published)": (
        "运输箱失效 0.3 %（假设值）与冻存袋破裂 0.3 %（已发表）"
    ),
    "wash, selection, start of activation: 2–5 h, typical": "洗涤、分选、激活开始：2–5 小时，典型值",
    "what setup and finish leave of the published 22–36 h; derived": "公布的 22–36 小时扣除起始与收尾；推算值",
    "with transit; at least 6 d for lymphodepletion; assumed": "含运输；清淋至少 6 天；假设值",
}
_MADE = (
    (
        re.compile(r"network, lane (\S+): typical (\S+) h, longest (\S+) h; half the typical at least"),
        r"网络，运输线路 \1：典型 \2 小时，最长 \3 小时；至少为典型值的一半",
    ),
    (re.compile(r"definition (.+), supply\.yaml, lane (.+)"), r"治疗定义 \1，supply.yaml，运输线路 \2"),
    (re.compile(r"definition (.+), supply\.yaml, (.+) material"), r"治疗定义 \1，supply.yaml，起始材料 \2"),
    (re.compile(r"definition (.+), process\.yaml, operation (.+)"), r"治疗定义 \1，process.yaml，操作 \2"),
    (re.compile(r"definition (.+), specification\.yaml, test (.+)"), r"治疗定义 \1，specification.yaml，检验 \2"),
    (re.compile(r"definition (.+), specification\.yaml, review"), r"治疗定义 \1，specification.yaml，审核"),
    (
        re.compile(r"definition (.+), supply\.yaml, bedside; most often five days before, as published"),
        r"治疗定义 \1，supply.yaml，床旁；通常提前五天，如已发表资料",
    ),
)


def in_chinese(source: str) -> str:
    """Return a source's sentence in Chinese, or nothing where it is nobody's of this software."""
    if source in _WHOLE:
        return _WHOLE[source]
    for pattern, text in _MADE:
        if found := pattern.fullmatch(source):
            return found.expand(text)
    head, _, tail = source.partition(": ")
    return f"{_HEADS[head]}：{_TAILS[tail]}" if head in _HEADS and tail in _TAILS else ""
