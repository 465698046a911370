"""What the demonstration's people write into reasons and remarks, in both languages of the sites: "English / 中文"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FREE = frozenset(
    {
        "alternatives",
        "assessment",
        "comment",
        "description",
        "finding",
        "impact",
        "medical_assessment",
        "reason",
        "remark",
        "risk_evaluation",
        "root_cause",
        "suspicion",
        "treatment",
    }
)
"""Arguments of actions that people fill in their own words."""
SAID: Mapping[str, str] = {
    # at the bed
    "a port of the bag leaks": "袋口渗漏",
    "another apheresis takes weeks; the lymphocytes are too few": "再次单采需数周；淋巴细胞过少",
    "agreed: the benefit outweighs the risk": "同意：获益大于风险",
    "cleared too long ago": "清淋许可已过久",
    "cultures drawn, antibiotics begun, stable": "已取培养，已用抗生素，病情稳定",
    "cultures drawn, watched closely": "已取培养，密切观察",
    "fever since the morning": "今晨起发热",
    "no bed was free in time": "未能及时腾出床位",
    "nobody was there to go on in time": "无人能按时继续",
    "rigors": "寒战",
    "rigors, not resumed": "寒战，未恢复回输",
    "the patient does not want it any more": "患者不愿继续",
    # the course
    "a recalled lot was used": "使用了召回批号的物料",
    "an infection has to heal first": "须先治愈感染",
    "another apheresis is possible": "可再次单采",
    "batch terminated": "生产终止",
    "eligibility lapsed": "入选条件失效",
    "enough material is left": "剩余材料足够",
    "held for too long after the lymphodepletion": "清淋后等待过久",
    "infusion refused": "未予回输",
    "no manufacturing slot is free then": "届时无空闲生产档期",
    "no slot is free in time": "没有及时的空闲档期",
    "no slot found": "未找到档期",
    "no time for another batch": "来不及再生产一批",
    "not eligible any more when tested again": "复检后不再符合入选条件",
    "others wait for it": "让给其他等候者",
    "out of specification": "检验结果超标",
    "patient prefers another treatment": "患者选择其他治疗",
    "product bag cracked": "成品袋破裂",
    "product lost": "成品丢失",
    "product rejected": "成品拒收",
    "recalled for a late finding": "因迟发结果召回",
    "recovered": "已康复",
    "starting material lost": "供者材料丢失",
    "starting material rejected": "供者材料拒收",
    "not infused": "未回输",
    "the bags that are left are good": "剩余成品袋完好",
    "the reserve is whole": "备用袋完好",
    "a gate of its release is shut": "其放行条件之一未满足",
    "whole, and of the batch that was released": "完好，且属于已放行批次",
    "the course is over": "疗程已结束",
    "the disease progressed": "疾病进展",
    "too ill for another apheresis": "病情过重，不能再次单采",
    # the plant and the laboratory
    "a lot that went into it was recalled": "所用物料批号已召回",
    "bag leaks; the closed system was opened": "袋渗漏；密闭系统已开启",
    "cause known, no effect": "原因明确，无影响",
    "control and hood were contaminated": "对照与安全柜受污染",
    "control diluted wrongly; the sample is not at fault": "对照稀释错误；样品无过失",
    "every exception seen; none touches the product": "已查阅全部例外；均不影响产品",
    "found in the demonstration's records": "由演示记录查明",
    "growth in the negative control too": "阴性对照亦有生长",
    "no effect on the cells within this time; the deviation is closed before release": "对细胞无影响；放行前关闭偏差",
    "no effect on the product is to be expected": "预计对产品无影响",
    "no new hazard; the finding is on the label": "无新增危害；该发现已注于标签",
    "none on the product: within the validated range": "对产品无影响：在已验证范围内",
    "positive control below its range": "阳性对照低于其范围",
    "seen and reported to QA at once": "发现后立即报告质量保证",
    "the hospital was told, and agrees": "已告知医院，医院同意",
    "what is live": "在行疗程",
    "supplier's notice: endotoxin found in the retained sample": "供应商通知：留样检出内毒素",
    "statement of the supply": "供应声明",
    "too old": "超过时限",
    "viability and count are good; the patient cannot wait": "活率与计数良好；患者不能等待",
    "viability below its limit; weighed against the patient's need": "活率低于限度；已与患者需要权衡",
    # quality
    "all gates met": "放行条件全部满足",
    "requested by two physicians; benefit outweighs risk": "由两名医生申请；获益大于风险",
    "the finding is confirmed": "该发现已确认",
    "the finding was invalidated": "该发现已判无效",
    "the process fills one bag; a second apheresis is possible": "工艺只灌装一袋；可再次单采",
    "the tests left open have ended and conform": "未完成的检验已结束且符合规定",
    "told, reported, decided": "已告知、已报告、已决定",
    # on the way and in the store
    "fell from the trolley at a transfer": "转运时从推车跌落",
    "held up on the way": "途中延误",
    "it stood on a wrong shelf": "误放于其他货架",
    "lost and found": "失而复得",
    "nitrogen store in alarm": "液氮罐报警",
    "no sign of it since its transfer": "交接后下落不明",
    "not covered by the stability data": "稳定性数据不支持",
    "not needed, destroyed": "不再需要，已销毁",
    "not used any more": "不再使用",
    "store repaired and in its range": "液氮罐已修复且温度合格",
    "within the stability data": "在稳定性数据范围内",
}


def in_both(text: str) -> str:
    """Return what somebody of the demonstration writes, in English and Chinese; with a colon its head alone is told."""
    head, colon, rest = text.partition(": ")
    if text in SAID:
        return f"{text} / {SAID[text]}"
    return f"{head} / {SAID[head]}: {rest}" if colon and head in SAID else text


def spoken(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of an act with people's own words in both languages."""
    return {
        key: in_both(value) if key in FREE and isinstance(value, str) else value for key, value in arguments.items()
    }
