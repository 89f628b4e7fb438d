"""里程碑 as a sheet: milestones, risks, and the month so far that both are measured by; read back too."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from xlplan.cells import Area, Highlight, Page, Span, Validation, address, letters
from xlplan.errors import Level, Problem, Where
from xlplan.plan.tasks.marks import (
    ABOVE,
    ACTUAL,
    BEHIND,
    BELOW,
    COUNTED,
    ENDANGERED,
    MISSED,
    NEAR,
    ON_TIME,
    RATE,
    REACHED,
    TRIGGERED,
    Milestone,
    Risk,
)
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK, find_keys
from xlplan.sheets.tasks.marks_cells import (
    FIELDS,
    HEAD_ROW,
    KEY_ROW,
    MILESTONES,
    RISKS,
    SHEET,
    WATCHED,
    MarksAt,
    label_of,
)
from xlplan.sources.dates import parse_date
from xlplan.sources.numbers import Number, parse_number

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from xlplan.cells import Seen, Spot
    from xlplan.sheets.tasks.marks_cells import Marks

_WIDTHS = (24, 12, 12, 9, 13, 13, 13, 13, 9, 10, 18, 46)
_HEADS = ("里程碑", "从", "到", "指标", "另定目标", "计划目标", "实际", "同期目标", "达成率", "状态", "负责人", "备注")  # fmt: skip
_RISK_HEADS = ("风险", "看什么", "实际/达成率", "触发", "阈值", "现值", "", "", "", "状态", "负责人", "应对")  # fmt: skip
_FIGURE_HEADS = (
    "本月累计（到截止日）",
    "",
    "",
    "",
    "",
    "同期计划",
    "实际",
    "",
    "达成率",
    "",
    "",
    "",
)


def marks_page(marks: Marks) -> Page:
    """Return the whole sheet."""
    at, metrics = marks.at, marks.year.metrics
    page = Page(SHEET, cells=marks.cells(), tab="#6A1B9A")
    page.put(1, 1, f"里程碑与风险 · {marks.year.year}年", look.TITLE)
    page.put(2, 1, "名称、日期、指标、阈值、应对、负责人都可改，空行可新增；目标、实际与状态按计划和实际自动算。“另定目标”留空就用计划的。", look.HINT)  # fmt: skip
    for row, heads in (
        (HEAD_ROW, _HEADS),
        (at.rows["r:1"] - 1, _RISK_HEADS),
        (min(r for k, r in at.rows.items() if k.startswith("k:")) - 1, _FIGURE_HEADS),
    ):
        for column, head in enumerate(heads, start=1):
            page.put(row, column, head or None, look.HEAD)
        page.rows[row] = Span(22)
    keys = len(FIELDS) + 1
    page.put(KEY_ROW, keys, KEY_MARK, look.HIDDEN)
    for name, column in at.columns.items():
        page.put(KEY_ROW, column, name, look.HIDDEN)
        page.columns[column] = Span(_WIDTHS[column - 1])
    for key, row in at.rows.items():
        page.put(row, keys, key, look.HIDDEN)
        if key.startswith("k:"):
            shown = key[2:] in WATCHED
            page.put(row, 1, label_of(metrics, key[2:]), look.ITEM if shown else look.COMPANION)
            page.rows[row] = Span(18, hidden=not shown, level=int(not shown))
        else:
            page.rows[row] = Span(26 if key.startswith("r:") else 18)
    page.columns[keys] = Span(2, hidden=True)
    page.rows |= {1: Span(28), KEY_ROW: Span(hidden=True)}
    page.freeze = (HEAD_ROW + 1, 2)
    page.print_area = Area(1, 1, max(at.rows.values()), len(FIELDS))
    _rules(page, marks)
    return page


def _rules(page: Page, marks: Marks) -> None:
    at = marks.at

    def area(first: str, last: str, column: str) -> Area:
        return Area(at.rows[first], at.columns[column], at.rows[last], at.columns[column])

    goals, risks = ("m:1", f"m:{MILESTONES}"), ("r:1", f"r:{RISKS}")
    for ends, looks in (
        (goals, ((REACHED, look.GOOD), (ON_TIME, look.GOOD), (BEHIND, look.MIDDLE), (ENDANGERED, look.BAD), (MISSED, look.BAD))),
        (risks, ((TRIGGERED, look.BAD), (NEAR, look.MIDDLE))),
    ):  # fmt: skip
        states = area(*ends, "state")
        cell = f"{letters(states.left)}{states.top}"
        page.highlights += [Highlight(states, f'={cell}="{text}"', fill=fill) for text, fill in looks]  # fmt: skip
    limits = date(2000, 1, 1), date(2100, 12, 31)
    labels = [label_of(marks.year.metrics, name) for name in WATCHED]
    page.validations += [
        Validation(area(*goals, "start"), "date", limits, "从哪天", "填日期，如 2026-01-01"),
        Validation(area(*goals, "end"), "date", limits, "到哪天", "填日期，如 2026-03-31"),
        Validation(area(*goals, "metric"), "list", list(COUNTED), "指标", "看销售额、UV 还是笔数"),
        Validation(area(*goals, "target"), "decimal", (0, 1e12), "另定目标", "与计划不同时才填；留空用计划的"),
        Validation(area(*risks, "start"), "list", labels, "看什么", "本月累计的哪个数；留空为人工看"),
        Validation(area(*risks, "end"), "list", [RATE, ACTUAL], "看哪个数", "达成率是与同期计划比"),
        Validation(area(*risks, "metric"), "list", [BELOW, ABOVE], "触发", "低于还是高于阈值算触发"),
        Validation(area(*risks, "target"), "decimal", (0, 1e12), "阈值", "达成率写 85%，ROI 写 2"),
    ]  # fmt: skip


def marks_found(cells: Mapping[Spot, Seen], expected: MarksAt) -> MarksAt:
    """Return where the sheet stands in a book.

    Args:
        cells: The sheet.
        expected: Where it is built: the keys that have to be there.

    Raises:
        StructureError: A key row or column is gone.
    """
    keys = find_keys(SHEET, cells)
    keys.need_columns(dict(zip(FIELDS, _HEADS, strict=True)))
    keys.need_rows({key: key for key in expected.rows})
    return MarksAt(
        {key: keys.rows[key] for key in expected.rows}, {f: keys.columns[f] for f in FIELDS}
    )


class MarksReader:
    """Reads the sheet, and says what it could not place."""

    def __init__(self, cells: Mapping[Spot, Seen], at: MarksAt, file: str = "") -> None:
        self.cells, self.at, self.file = cells, at, file
        self.problems: list[Problem] = []

    def milestones(self) -> dict[str, Milestone]:
        """Return row key → milestone."""
        made = {}
        for key in self._keys("m"):
            days = {name: self._day(key, name) for name in ("start", "end")}
            metric = self._one_of(key, "metric", COUNTED, "销售额")
            made[key] = Milestone(
                self._text(key, "name"), **days, metric=metric, target=self._number(key, "target"),
                owner=self._text(key, "owner"), note=self._text(key, "note"),
            )  # fmt: skip
        return made

    def risks(self) -> dict[str, Risk]:
        """Return row key → risk."""
        made = {}
        for key in self._keys("r"):
            made[key] = Risk(
                self._text(key, "name"), self._text(key, "start"),
                self._one_of(key, "end", (RATE, ACTUAL), RATE), self._one_of(key, "metric", (BELOW, ABOVE), BELOW),
                self._number(key, "target"), self._text(key, "note"), self._text(key, "owner"),
            )  # fmt: skip
        return made

    def _keys(self, kind: str) -> list[str]:
        return [
            key for key in self.at.rows if key.startswith(f"{kind}:") and self._text(key, "name")
        ]

    def _text(self, key: str, column: str) -> str:
        seen = self.cells.get(self.at.spot(key, column))
        return "" if seen is None or seen.value is None else str(seen.value).strip()

    def _day(self, key: str, column: str) -> date | None:
        seen = self.cells.get(self.at.spot(key, column))
        found = parse_date(None if seen is None else seen.value)
        if found is None or isinstance(found, date):
            return found
        self._odd(
            key,
            column,
            f"日期“{self._text(key, column)}”读不懂，这一行没有状态",
            "写成 2026-03-31",
        )
        return None

    def _number(self, key: str, column: str) -> float | None:
        seen = self.cells.get(self.at.spot(key, column))
        found = parse_number(None if seen is None else seen.value)
        if isinstance(found, Number):
            return float(found.value)
        if found is not None:
            self._odd(
                key,
                column,
                f"“{self._text(key, column)}”读不成数，当作没填",
                "写成 2000000、200万 或 85%",
            )
        return None

    def _one_of(self, key: str, column: str, allowed: Collection[str], default: str) -> str:
        said = self._text(key, column)
        if said and said not in allowed:
            self._odd(
                key, column, f"“{said}”不认识，按“{default}”算", f"可选：{'、'.join(allowed)}"
            )
            return default
        return said or default

    def _odd(self, key: str, column: str, what: str, remedy: str) -> None:
        where = Where(self.file, SHEET, address(*self.at.spot(key, column)))
        self.problems.append(Problem(where, what, Level.WARNING, remedy, "任务"))
