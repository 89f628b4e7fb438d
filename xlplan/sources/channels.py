"""Scene, sheet and file names of promotion reports → channel keys."""

from __future__ import annotations

from functools import cache

from xlplan.metrics import CHANNELS
from xlplan.sources.text import header

#: Names that reports use beside those of the registry. 店铺直达 and its like belonging to
#: 智能场景 rests on one shop's practice: a mapping file can say otherwise (`Options.scenes`).
_SCENES = {
    "直通车": "keyword", "标准推广": "keyword", "智能推广": "keyword", "流量智选": "keyword",
    "钻展": "display", "精准人群": "display", "超级钻展": "display", "品销宝": "other",
    "货品全站": "sitewide", "全站推": "sitewide", "全店推广": "sitewide",
    "智能场景": "smart", "店铺直达": "smart", "多目标直投": "smart", "货品运营": "smart",
    "超级直播": "smart", "超级短视频": "smart", "淘客": "affiliate", "淘宝联盟": "affiliate",
    "聚划算": "juhuasuan", "千川": "qianchuan", "京准通": "jzt", "多多搜索": "pdd", "多多场景": "pdd",
}  # fmt: skip


@cache
def _table() -> tuple[tuple[str, str], ...]:
    known = {header(name): channel.key for channel in CHANNELS for name in channel.names}
    known |= {header(name): key for name, key in _SCENES.items()}
    return tuple(sorted(known.items(), key=lambda item: -len(item[0])))


def channel_of(text: str) -> str:
    """Return the channel whose name is in `text` (the longest such name), or ""."""
    plain = header(text)
    return next((key for name, key in _table() if name in plain), "")
