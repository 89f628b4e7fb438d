"""日历: a row a day with its factors; 日权重 is a live formula over them."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from xlplan.cells import Area, Cell, Highlight, Page, Span, State, Style, Validation, letters
from xlplan.plan.calendar import Calendar, calendar, with_members, with_weights
from xlplan.plan.days.holidays import Announcement, holidays_from_json
from xlplan.record import record, replace
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK
from xlplan.sheets.targets.rows import YES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from xlplan.cells import Spot
    from xlplan.plan.days.events import Event
    from xlplan.plan.days.weights import Shape

SHEET = "日历"
HEAD_ROW, FIRST_ROW = 4, 5
#: Column key → (heading, width). Inputs: kind, multiplier, typed, shut.
HEADS = {
    "date": ("日期", 12),
    "weekday": ("星期", 6),
    "week": ("周次", 10),
    "holiday": ("节假日", 10),
    "kind": ("休/班", 7),
    "event": ("活动", 16),
    "phase": ("阶段", 14),
    "month_factor": ("月份系数", 9),
    "weekday_factor": ("星期系数", 9),
    "holiday_factor": ("节日系数", 9),
    "event_factor": ("活动系数", 9),
    "multiplier": ("调整倍数", 9),
    "typed": ("指定权重", 9),
    "shut": ("停业", 6),
    "raw": ("原始权重", 10),
    "weight": ("日权重", 10),
    "comparable": ("可比日期", 12),
    "provisional": ("预估", 6),
}
INPUTS = ("kind", "multiplier", "typed", "shut")
OFF, ON = "休", "班"
SHAPE_MARK = "xlplan:shape"
#: Before the store in the key of a column with its own indices.
OWN_SHAPE = "shape:"
_SEVERAL = 2
SHAPE_LABELS = {
    **{f"weekday:{i}": f"星期{name}" for i, name in enumerate("一二三四五六日", start=1)},
    **{f"month:{m}": f"{m}月" for m in range(1, 13)},
}


@record
class CalendarAt:
    """Where the day rows (``d:2026-01-01``), columns and shape rows of 日历 are."""

    rows: Mapping[str, int]
    columns: Mapping[str, int]
    shape_rows: Mapping[str, int]
    shape_column: int


@record
class TypedDays:
    """What operators typed on 日历: date → 休/班, multiplier, weight, 停业."""

    kind: Mapping[date, str]
    multiplier: Mapping[date, float]
    typed: Mapping[date, float]
    shut: frozenset[date]


NOTHING_TYPED = TypedDays({}, {}, {}, frozenset())


def days_as_built(calendar: Calendar, shape: Shape) -> CalendarAt:
    """Return the positions of a freshly built 日历."""
    rows = {f"d:{day.date()}": FIRST_ROW + i for i, day in enumerate(calendar.days.index)}
    columns = {key: i for i, key in enumerate(HEADS, start=1)}
    keys = [*SHAPE_LABELS, *(f"holiday:{name}" for name in holiday_names(calendar, shape))]
    shape_rows = {key: FIRST_ROW + i for i, key in enumerate(keys)}
    return CalendarAt(rows, columns, shape_rows, len(HEADS) + 4)


def holiday_names(calendar: Calendar, shape: Shape) -> list[str]:
    """Return the holidays that can have an index: those of the year, 调休, and typed ones."""
    days = calendar.days
    names = days.loc[days["is_holiday"] & (days["holiday"] != ""), "holiday"]
    return list(dict.fromkeys([*names, "调休", *shape.holiday]))


def calendar_page(
    calendar: Calendar,
    shape: Shape,
    typed: TypedDays = NOTHING_TYPED,
    stores: Sequence[str] = (),
) -> Page:
    """Return the whole page; several stores have columns for indices of their own."""
    at = days_as_built(calendar, shape)
    page = Page(SHEET, cells=calendar_cells(calendar, at), tab="#4A90A4")
    page.put(1, 1, f"日历 · {calendar.year}年", look.TITLE)
    hint = "日权重 = 月份 × 星期 × 节日 × 活动 × 调整倍数 ÷ 全年平均；改权重只在日子之间移动目标，不改变总额。黄底可改，改后运行“分解”。"
    if calendar.provisional:
        hint = (
            "【预估】国务院尚未公布本年放假安排，节假日按法定规则预估，公布后用 xlplan fill --holidays 存入，或升级 chinesecalendar 再分解一次，或在“休/班”列改正。"
            + hint
        )
    page.put(2, 1, hint, look.HINT)
    keys = max(at.columns.values()) + 1
    for key, number in at.columns.items():
        page.put(HEAD_ROW - 1, number, key, look.HIDDEN)
        page.put(HEAD_ROW, number, HEADS[key][0], look.HEAD)
        page.columns[number] = Span(HEADS[key][1])
    page.put(HEAD_ROW - 1, keys, KEY_MARK, look.HIDDEN)
    page.columns[keys] = Span(2, hidden=True)
    for key, number in at.rows.items():
        page.put(number, keys, key, look.HIDDEN)
    _inputs(page, calendar, at, typed)
    _shape(page, shape, at)
    _store_shapes(page, calendar, at, stores)
    page.rows |= {1: Span(28), HEAD_ROW - 1: Span(hidden=True), HEAD_ROW: Span(24)}
    page.freeze = (FIRST_ROW, 3)
    page.landscape, page.pages_tall = False, 0
    page.repeat_rows = (HEAD_ROW, HEAD_ROW)
    last = max(at.rows.values())
    page.print_area = Area(1, 1, last, len(HEADS))
    _highlights(page, at, last)
    return page


def _inputs(page: Page, calendar: Calendar, at: CalendarAt, typed: TypedDays) -> None:
    columns = at.columns
    centred = look.INPUT.but(align="center")
    for stamp in calendar.days.index:
        day = stamp.date()
        row = at.rows[f"d:{day}"]
        page.cells[row, columns["kind"]] = Cell(typed.kind.get(day), "", centred)
        page.cells[row, columns["multiplier"]] = Cell(typed.multiplier.get(day), "", look.INPUT)
        page.cells[row, columns["typed"]] = Cell(typed.typed.get(day), "", look.INPUT)
        page.cells[row, columns["shut"]] = Cell(YES if day in typed.shut else None, "", centred)
    top, bottom = min(at.rows.values()), max(at.rows.values())

    def area(key: str) -> Area:
        return Area(top, columns[key], bottom, columns[key])

    rules = page.validations
    rules.append(
        Validation(
            area("kind"),
            "list",
            [OFF, ON],
            "休/班",
            "放假选“休”，调休上班选“班”；留空按公布或预估的安排",
        )
    )
    rules.append(
        Validation(
            area("multiplier"),
            "decimal",
            (0, 100),
            "调整倍数",
            "1 为不变，2 为加倍，0 为当天不设目标",
        )
    )
    rules.append(
        Validation(
            area("typed"),
            "decimal",
            (0, 1000),
            "指定权重",
            "直接指定原始权重，代替系数相乘；平日约为 1",
        )
    )
    rules.append(
        Validation(area("shut"), "list", [YES], "停业", "选 √ 表示当天不营业，不分配目标")
    )


def calendar_cells(calendar: Calendar, at: CalendarAt) -> dict[Spot, Cell]:
    """Return the derived cells: facts of each day, raw and normalised weights, names of indices."""
    cells: dict[Spot, Cell] = {
        (row, at.shape_column - 1): Cell(shape_label(key)) for key, row in at.shape_rows.items()
    }
    top, bottom = min(at.rows.values()), max(at.rows.values())
    raw = letters(at.columns["raw"])
    mean = f"AVERAGE(${raw}${top}:${raw}${bottom})"
    raw_formula = _raw_formula(at)
    # column by column, which pandas hands out far faster than row by row
    facts = {str(name): column for name, column in calendar.days.to_dict("list").items()}
    for stamp, *values in zip(calendar.days.index, *facts.values(), strict=True):
        day = dict(zip(facts, values, strict=True))
        row = at.rows[f"d:{stamp.date()}"]
        for key, (value, style) in _facts(stamp.date(), day).items():
            cells[row, at.columns[key]] = Cell(value, "", style)
        formula = raw_formula.replace("{r}", str(row))
        cells[row, at.columns["raw"]] = Cell(float(day["raw_weight"]), formula, _FACTOR)
        weight = f'=IF({mean}=0,"",{raw}{row}/{mean})'
        cells[row, at.columns["weight"]] = Cell(float(day["weight"]), weight, _WEIGHT)
    return cells


def shape_label(key: str) -> str:
    """Return what people call a weekday's, month's or holiday's index."""
    return SHAPE_LABELS.get(key, key.partition(":")[2])


_TEXT = Style(State.DERIVED, size=9)
_FACTOR = Style(State.DERIVED, number="0.000", size=9)
_WEIGHT = Style(State.DERIVED, number="0.000", bold=True)
_NAMED, _GUESS = _TEXT.but(color="#C0392B", bold=True), Style(State.PROVISIONAL)
_DATE, _WORKDAY = Style(number="yyyy-mm-dd", align="center"), Style(align="center")
_WEEKEND, _WEEK = _WORKDAY.but(bold=True), _WORKDAY.but(color="#757575", size=9)
_COMPARABLE = Style(State.DERIVED, number="yyyy-mm-dd", align="center", size=9)
_PROVISIONAL = _GUESS.but(align="center")


def _facts(day: date, row: Mapping[str, Any]) -> dict[str, tuple[Any, Style]]:
    guess = row["provisional"] and (row["is_holiday"] or row["is_makeup"])
    named = _GUESS if guess else _NAMED
    holiday = (
        "调休上班" if row["is_makeup"] else (row["holiday"] or ("休" if row["is_holiday"] else ""))
    )
    return {
        "date": (day, _DATE),
        "weekday": (row["weekday_cn"], _WEEKEND if row["weekday"] > 5 else _WORKDAY),
        "week": (row["week_part"][5:8], _WEEK),
        "holiday": (holiday or None, named if row["is_holiday"] or row["is_makeup"] else _TEXT),
        "event": (row["event"] or None, _TEXT),
        "phase": (row["event_phase"] or None, _TEXT),
        **{key: (float(row[key]), _FACTOR) for key in ("month_factor", "holiday_factor", "event_factor")},
        # a weekday that the shop never opens shows as factor 0, so that the formula agrees
        "weekday_factor": (0.0 if row["closed"] else float(row["weekday_factor"]), _FACTOR),
        "comparable": (row["comparable"].date(), _COMPARABLE),
        "provisional": ("预估" if row["provisional"] else None, _PROVISIONAL),
    }  # fmt: skip


def _raw_formula(at: CalendarAt) -> str:
    """Typed weight first, else the product of factors; a closed day weighs nothing.

    ``{r}`` stands for the row.
    """
    cell = {key: f"{letters(number)}{{r}}" for key, number in at.columns.items()}
    factors = "*".join(
        cell[key] for key in ("month_factor", "weekday_factor", "holiday_factor", "event_factor")
    )
    product = f"{factors}*IF(ISNUMBER({cell['multiplier']}),{cell['multiplier']},1)"
    return f'=IF({cell["shut"]}="{YES}",0,IF(ISNUMBER({cell["typed"]}),{cell["typed"]},{product}))'


def _shape(page: Page, shape: Shape, at: CalendarAt) -> None:
    """The editable indices at the right: weekdays, months, holidays."""
    column = at.shape_column
    page.put(HEAD_ROW, column - 1, "形状", look.HEAD)
    page.put(HEAD_ROW, column, "指数", look.HEAD)
    page.columns |= {column - 1: Span(10), column: Span(9), column + 1: Span(2, hidden=True)}
    page.put(HEAD_ROW - 1, column + 1, SHAPE_MARK, look.HIDDEN)
    for key, row in at.shape_rows.items():
        page.put(row, column - 1, shape_label(key), look.ITEM)
        page.cells[row, column] = Cell(index_of(shape, key), "", look.INPUT.but(number="0.000"))
        page.put(row, column + 1, key, look.HIDDEN)
    rows = at.shape_rows.values()
    area = Area(min(rows), column, max(rows), column)
    message = "1 为平常水平；星期填 0 表示这一天从不营业"
    page.validations.append(Validation(area, "decimal", (0, 100), "形状指数", message))


def _store_shapes(page: Page, calendar: Calendar, at: CalendarAt, stores: Sequence[str]) -> None:
    """A folded column a store beside the common indices: what is filled in holds for it alone."""
    if len(stores) < _SEVERAL:
        return
    first = at.shape_column + 2
    page.put(HEAD_ROW - 2, first, "各店自己的指数（留空用左边共同的）", look.HINT)
    for column, store in enumerate(stores, start=first):
        page.put(HEAD_ROW - 1, column, f"{OWN_SHAPE}{store}", look.HIDDEN)
        page.put(HEAD_ROW, column, store, look.HEAD)
        own = calendar.shapes.get(store)
        page.columns[column] = Span(10, level=1, hidden=not calendar.shapes)
        for key, row in at.shape_rows.items():
            value = None if own is None else index_of(own, key)
            page.cells[row, column] = Cell(value, "", look.INPUT.but(number="0.000"))
    rows = at.shape_rows.values()
    area = Area(min(rows), first, max(rows), first + len(stores) - 1)
    message = "只写和共同的不一样的；星期填 0 表示这家店这一天从不营业"
    page.validations.append(Validation(area, "decimal", (0, 100), "店铺指数", message))


def index_of(shape: Shape, key: str) -> float:
    """Return the index that a row of the shapes shows; a weekday that is never open shows 0."""
    kind, _, name = key.partition(":")
    if kind == "weekday":
        return 0.0 if int(name) in shape.closed_weekdays else float(shape.weekday[int(name) - 1])
    if kind == "month":
        return float(shape.month[int(name) - 1])
    return float(shape.holiday.get(name, 1.0))


def _highlights(page: Page, at: CalendarAt, last: int) -> None:
    body = Area(FIRST_ROW, 1, last, len(HEADS))
    first = letters(at.columns["date"])
    weekday = letters(at.columns["weekday"])
    event = letters(at.columns["event"])
    page.highlights += [
        Highlight(body, f"=${first}{FIRST_ROW}=xlplan_today", fill=look.TODAY_FILL, bold=True),
        Highlight(Area(FIRST_ROW, 1, last, 2), f'=OR(${weekday}{FIRST_ROW}="六",${weekday}{FIRST_ROW}="日")', fill="#F0F0F0"),
        Highlight(Area(FIRST_ROW, at.columns["event"], last, at.columns["phase"]), f'=${event}{FIRST_ROW}<>""', fill="#FFF0E0"),
    ]  # fmt: skip


@record
class Members:
    """The stores of a book as its calendar needs them.

    Attributes:
        stores: Their names.
        platforms: Store → platform, "" where it is not known.
        shapes: Store → indices of its own.
    """

    stores: Sequence[str] = ()
    platforms: Mapping[str, str] = field(default_factory=dict)
    shapes: Mapping[str, Shape] = field(default_factory=dict)


def make_calendar(  # noqa: PLR0913, PLR0917  # all that people type of days
    number: int,
    events: Sequence[Event],
    shape: Shape,
    typed: TypedDays,
    official: str = "",
    members: Members | None = None,
) -> Calendar:
    """Return the year's calendar from what is typed on 日历 and 活动, and an official list."""
    listed = [holidays_from_json(official)] if official else []
    said = Announcement({day: ("", kind == OFF) for day, kind in typed.kind.items()})
    made = calendar(
        number,
        events=events,
        shape=shape,
        announced=[*listed, said] if typed.kind else listed,
        multipliers=typed.multiplier,
        closed=typed.shut,
    )
    if members and members.stores:
        made = with_members(made, members.stores, members.platforms, members.shapes, shape)
    if not typed.typed:
        return made
    own = {store: with_weights(each, typed.typed) for store, each in made.own.items()}
    return replace(with_weights(made, typed.typed), own=own)
