"""活动: campaigns on the left, one row each; on the right the lift of each day, one row a day."""

from __future__ import annotations

import math
from dataclasses import field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from xlplan.cells import Area, Cell, Page, Span, State, Style, Validation, letters
from xlplan.plan.days.event_table import USUAL_SHARES
from xlplan.plan.days.event_text import lead_text, phase_text
from xlplan.plan.days.events import ABOUT_NUMBERS, ABOUT_TEXTS
from xlplan.record import record
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK
from xlplan.sheets.targets.rows import YES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Value
    from xlplan.plan.days.events import Event
    from xlplan.plan.year import Year

SHEET = "活动"
HINT = (
    "只有参加的店受影响：平台写 天猫、京东…，或写店名；都空为全部。预算占比 = 开始到结束占全年推广费的比例，留空按销售额分。"
    "倍数 = 平日的几倍，按距锚点逐日给出，新活动请写预期的倍数；写了店铺的只对那家店。展开列上的 + 填负责人、主推款、玩法、预售和会员占比，结果看“活动目标”。可在空行新增活动；改后运行“分解”。"
)
HEAD_ROW, FIRST_ROW, SPARE = 4, 5, 12
#: Column key → (heading, width).
HEADS = {
    "name": ("活动", 14),
    "anchor": ("锚点日", 12),
    "start": ("开始", 12),
    "end": ("结束", 12),
    "enabled": ("启用", 6),
    "platform": ("平台", 10),
    "stores": ("店铺", 12),
    "budget": ("预算占比", 9),
    "phases": ("阶段", 60),
    "leads": ("提前事项", 44),
    "provisional": ("预估", 6),
    **{key: (label, 16 if key != "owner" else 9) for key, label in ABOUT_TEXTS.items()},
    **{key: (label, 9) for key, label in ABOUT_NUMBERS.items()},
}
#: Columns that are folded away until they are wanted.
FOLDED = (*ABOUT_TEXTS, *ABOUT_NUMBERS)
LIFT_HEADS = {
    "lift:name": ("活动", 14),
    "lift:store": ("店铺", 10),
    "lift:offset": ("距锚点", 8),
    "lift:date": ("日期", 12),
    "lift:value": ("倍数", 9),
}


def columns() -> dict[str, int]:
    """Return column key → number as built; the lift table stands two columns to the right."""
    left = {key: i for i, key in enumerate(HEADS, start=1)}
    return left | {key: len(HEADS) + 3 + i for i, key in enumerate(LIFT_HEADS)}


@record
class EventsAt:
    """Where the columns of 活动 are; its rows have no keys."""

    columns: Mapping[str, int]
    rows: Mapping[str, int] = field(default_factory=dict)


def events_page(year: Year) -> Page:
    """Return the whole page."""
    page, at = Page(SHEET, tab="#C0392B"), columns()
    events = [event for event in year.calendar.events if event.edition == year.year]
    page.put(1, 1, f"活动 · {year.year}年", look.TITLE)
    page.put(2, 1, HINT, look.HINT)  # fmt: skip
    for key, (title, width) in (HEADS | LIFT_HEADS).items():
        page.put(HEAD_ROW - 1, at[key], key, look.HIDDEN)
        page.put(HEAD_ROW, at[key], title, look.HEAD)
        folded = key in FOLDED
        page.columns[at[key]] = Span(width, hidden=folded, level=int(folded))
    mark = max(at.values()) + 1
    page.put(HEAD_ROW - 1, mark, KEY_MARK, look.HIDDEN)
    page.columns[mark] = Span(2, hidden=True)
    for i in range(len(events) + SPARE):
        _event_row(page, FIRST_ROW + i, events[i] if i < len(events) else None, at)
    _lift_rows(page, events, at, first_event_row=FIRST_ROW, count=len(events) + SPARE)
    page.rows |= {1: Span(28), HEAD_ROW - 1: Span(hidden=True), HEAD_ROW: Span(24)}
    page.freeze = (FIRST_ROW, 2)
    page.pages_tall = 0
    page.repeat_rows = (HEAD_ROW, HEAD_ROW)
    _validations(page, at, FIRST_ROW, FIRST_ROW + len(events) + SPARE - 1)
    return page


def _event_row(page: Page, row: int, event: Event | None, at: dict[str, int]) -> None:
    day = look.INPUT.but(number="yyyy-mm-dd", align="center")
    centred = look.INPUT.but(align="center")
    values: dict[str, Value] = _fields(event) if event else dict.fromkeys(HEADS)
    styles = {"anchor": day, "start": day, "end": day, "enabled": centred, "budget": look.INPUT.but(number="0.0%", align="center"), "phases": look.TEXT_INPUT, "leads": look.TEXT_INPUT, "provisional": Style(State.PROVISIONAL, align="center")}  # fmt: skip
    styles |= dict.fromkeys(ABOUT_TEXTS, look.TEXT_INPUT)
    styles |= {key: look.INPUT.but(number="#,##0" if key == "new_target" else "0.0%", align="center") for key in ABOUT_NUMBERS}  # fmt: skip
    for key in HEADS:
        page.cells[row, at[key]] = Cell(values[key], "", styles.get(key, look.INPUT))
    if usual := USUAL_SHARES.get(event.name if event else ""):
        note = f"常见约 {usual:.0%}；填了才起作用"
        page.notes[row, at["budget"]] = note
    page.rows[row] = Span(max(18, 14 * _lines(values)))


def _lines(values: Mapping[str, Value]) -> int:
    """Return how many lines the longest text of a row takes in its column (9 points)."""
    return max(
        math.ceil(sum(1 + (char > "\u2e80") for char in str(values[key] or "")) / HEADS[key][1])
        for key in ("phases", "leads")
    )


def _fields(event: Event) -> dict[str, Value]:
    return {
        "name": event.name,
        "anchor": event.anchor,
        "start": event.start,
        "end": event.end,
        "enabled": YES if event.enabled else None,
        "platform": event.platform,
        "stores": "、".join(event.stores) or None,
        "budget": event.budget_share or None,
        "phases": phase_text(event.anchor, event.phases) or None,
        "leads": lead_text(event.lead_times) or None,
        "provisional": "预估" if event.provisional else None,
        **{key: event.about.get(key) for key in FOLDED},
    }


def _lift_rows(
    page: Page, events: Sequence[Event], at: dict[str, int], *, first_event_row: int, count: int
) -> None:
    names = Area(first_event_row, at["name"], first_event_row + count - 1, at["name"]).fixed
    anchors = Area(first_event_row, at["anchor"], first_event_row + count - 1, at["anchor"]).fixed
    listed = [(event, *line) for event in events for line in _lifts_of(event)]
    top = first_event_row
    for i in range(len(listed) + 4 * SPARE):
        row = top + i
        event, store, offset, lift = listed[i] if i < len(listed) else (None, None, None, None)
        page.cells[row, at["lift:store"]] = Cell(store, "", look.INPUT)
        page.cells[row, at["lift:name"]] = Cell(event.name if event else None, "", look.INPUT)
        page.cells[row, at["lift:offset"]] = Cell(offset, "", look.INPUT.but(align="center"))
        page.cells[row, at["lift:value"]] = Cell(lift, "", look.INPUT.but(number="0.00"))
        page.cells[row, at["lift:date"]] = Cell(
            event.anchor + timedelta(days=offset or 0) if event else "",
            _lift_date(row, at, names, anchors),
            Style(State.DERIVED, number="yyyy-mm-dd", align="center", size=9),
        )
        page.rows.setdefault(row, Span(18))
    last = top + len(listed) + 4 * SPARE - 1
    page.filter = Area(HEAD_ROW, at["lift:name"], last, at["lift:value"])
    area = Area(top, at["lift:value"], last, at["lift:value"])
    page.validations.append(
        Validation(area, "decimal", (0, 100), "倍数", "平日的几倍：1 为不变，8 为八倍，0.5 为一半")
    )
    area = Area(top, at["lift:offset"], last, at["lift:offset"])
    page.validations.append(
        Validation(
            area, "integer", (-120, 120), "距锚点", "活动锚点日为 0，提前为负数，之后为正数"
        )
    )


def _lifts_of(event: Event) -> list[tuple[str | None, int, float]]:
    """Return store (None for all), offset and lift of an event's days."""
    own = (
        (store, *pair) for store, lift in event.store_lift.items() for pair in sorted(lift.items())
    )
    return [*((None, *pair) for pair in sorted(event.lift.items())), *own]


def _lift_date(row: int, at: dict[str, int], names: str, anchors: str) -> str:
    name, offset = f"{letters(at['lift:name'])}{row}", f"{letters(at['lift:offset'])}{row}"
    known = f'OR({name}="",{offset}="",COUNTIF({names},{name})=0)'
    return f'=IF({known},"",INDEX({anchors},MATCH({name},{names},0))+{offset})'


def _validations(page: Page, at: dict[str, int], top: int, bottom: int) -> None:
    def area(key: str) -> Area:
        return Area(top, at[key], bottom, at[key])

    low, high = date(2000, 1, 1), date(2100, 12, 31)
    for key, label in (("anchor", "锚点日"), ("start", "开始日"), ("end", "结束日")):
        page.validations.append(
            Validation(area(key), "date", (low, high), label, "请填日期，如 2026-11-11")
        )
    page.validations.append(
        Validation(area("enabled"), "list", [YES], "启用", "选 √ 启用；清空则只列出、不影响权重")
    )
    page.validations.append(
        Validation(area("budget"), "decimal", (0, 1), "预算占比", "开始到结束占全年推广费的比例，0–100%；留空按销售额分")
    )  # fmt: skip
    shares = [key for key in ABOUT_NUMBERS if key != "new_target"]
    cells = Area(top, at[shares[0]], bottom, at[shares[-1]])
    page.validations += [
        Validation(cells, "decimal", (0, 1), "占比", "占活动销售额的比例，0–100%"),
        Validation(area("new_target"), "decimal", (0, 1e9), "新客目标", "这次活动要来多少新客"),
    ]
    for key, label, message in (
        ("platform", "平台", "全平台，或 天猫、京东、抖音…，几个用顿号隔开；只影响这些平台的店"),
        ("stores", "店铺", "留空为平台的各店；写店名（几家用顿号隔开）就只有它们参加"),
    ):
        page.validations.append(
            Validation(area(key), "text", (0, 500), label, message, strict=False)
        )
    page.validations.append(
        Validation(
            area("phases"),
            "text",
            (0, 500),
            "阶段",
            "写法：预售 05-10~05-12；第一波 05-13~05-19",
            strict=False,
        )
    )
    page.validations.append(
        Validation(
            area("leads"),
            "text",
            (0, 500),
            "提前事项",
            "写法：T-7 规则同步客服；T-3 锁库存",
            strict=False,
        )
    )
