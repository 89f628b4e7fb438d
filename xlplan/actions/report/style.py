"""How the report looks: its style sheet and the colours of attainment."""

from __future__ import annotations

from xlplan.sheets.home.page import FILLS

CSS = """
*{box-sizing:border-box}
body{margin:0;background:#F3F5F8;color:#222;font:15px/1.5 -apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:1180px;margin:0 auto;padding:16px}
h1{font-size:22px;margin:0;color:#1F3A5F}
h2{font-size:15px;margin:0 0 6px;color:#1F3A5F}
h2 small{font-weight:400;color:#666}
.hint{margin:2px 0 12px;color:#666;font-size:13px}
section{margin-bottom:20px}
.verdict{margin:0;padding:12px 14px;background:#1F3A5F;color:#fff;font-size:17px;font-weight:600;border-radius:8px 8px 0 0}
.step{margin:0 0 12px;padding:8px 14px;background:#EAF0F7;color:#0B3D91;border-radius:0 0 8px 8px}
.periods{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;margin-bottom:12px}
.card,.panel,.worst{background:#fff;border:1px solid #D9DFE6;border-radius:8px;padding:12px;margin:0}
.rate{margin:0 0 6px;padding:2px 8px;border-radius:6px;font-size:24px;font-weight:700;text-align:center}
table{border-collapse:collapse;width:100%}
th{font-weight:400;color:#555;text-align:left}
td{text-align:right;font-variant-numeric:tabular-nums}
.do td b{font-size:19px}
.do{margin-bottom:12px}
.do tr:first-child th:not(:first-child){text-align:right}
.panels{display:grid;grid-template-columns:1fr 1.3fr 1.2fr;gap:12px;margin-bottom:12px}
.panel p{margin:0 0 4px;font-weight:600}
.panel ul{margin:0;padding-left:18px}
th{white-space:nowrap}
figure svg{display:block;width:100%;height:auto}
.worst p{margin:0 0 2px}
.wide{overflow-x:auto;background:#fff;border:1px solid #D9DFE6;border-radius:8px}
.matrix th,.matrix td{padding:5px 8px;white-space:nowrap;border-bottom:1px solid #E7EBF0;text-align:center;font-size:13px}
.matrix thead th{background:#1F3A5F;color:#fff}
.matrix tbody th{position:sticky;left:0;background:#fff;font-weight:600;color:#222;text-align:left}
.plan{color:#8A8A8A}
.late{background:#FDE0BE;font-weight:600}
@media(max-width:900px){.periods{grid-template-columns:repeat(2,1fr)}.panels{grid-template-columns:1fr}}
@media(max-width:480px){main{padding:10px}.periods{gap:8px}.card{padding:8px}.card table{font-size:12px}.rate{font-size:19px}.verdict{font-size:16px}}
@media print{body{background:#fff}.wide{overflow:visible}section{break-inside:avoid}}
"""


def palette(value: object, colours: str) -> str:
    """Return the fill of an attainment, by the bands of 首页."""
    if not isinstance(value, int | float):
        return "transparent"
    great, good, low, bad = FILLS[colours]
    if value >= 1:
        return great if value >= 1.1 else good
    if value >= 0.9:
        return "transparent"
    return low if value >= 0.8 else bad
