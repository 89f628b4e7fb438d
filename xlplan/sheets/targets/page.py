"""年度目标: the inputs everything starts from, with lock, 可信度 and the 体检 findings."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from xlplan.cells import PLAIN, Area, Cell, Page, Span, State, Style, Validation, letters
from xlplan.metrics import Unit
from xlplan.metrics.money import MONEY_FORMAT
from xlplan.record import record
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK
from xlplan.sheets.base.selector import store_width
from xlplan.sheets.targets.rows import EVERY, SETTING_ROWS, TRY_HEADS, YES, TargetRow, target_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Spot, Value
    from xlplan.plan.year import Settings, Year

SHEET = "年度目标"
SETTING_FIRST = 4
HEADS = {
    "store": "店铺",
    "label": "指标",
    "unit": "单位",
    "value": "全年目标",
    "locked": "锁定",
    "confidence": "可信度",
    "last": "去年实际",
    **{f"m:{m}": f"{m}月" for m in range(1, 13)},
    "months": "各月合计",
    "apart": "目标与计划",
    "finding": "体检",
    **TRY_HEADS,
}
INPUT_COLUMNS = ("value", "locked", "confidence", "last", *(f"m:{m}" for m in range(1, 13)))
_WIDTHS = {"label": 16, "unit": 6, "value": 16, "locked": 6, "confidence": 8, "last": 14, "months": 15, "apart": 46, "finding": 46}  # fmt: skip


FINDING = Style(State.DERIVED, color="#B3261E", size=9, wrap=True)


@record
class TargetsAt:
    """Where rows (``set:…``, ``t:…``) and columns of 年度目标 are."""

    rows: Mapping[str, int]
    columns: Mapping[str, int]

    def setting(self, name: str) -> Spot:
        """Return where a setting is chosen: in the column of the metrics' names."""
        return self.rows[f"set:{name}"], self.columns.get("label", 2)

    def setting_label(self, name: str) -> Spot:
        """Return where a setting's name stands: in the column of the stores."""
        return self.rows[f"set:{name}"], self.columns.get("store", 1)


@record
class TypedTargets:
    """What stands on 年度目标, by row key and column key; missing entries are empty cells.

    What is tried in 试算 (`tried`, by row key, for the period `span`) is no target.
    """

    stores: list[str]
    settings: Settings
    values: Mapping[tuple[str, str], Value] = field(default_factory=dict)
    findings: Mapping[str, str] = field(default_factory=dict)
    tried: Mapping[str, float] = field(default_factory=dict)
    span: str = ""


def targets_as_built(typed: TypedTargets) -> TargetsAt:
    """Return the positions of a freshly built 年度目标."""
    rows = {f"set:{row.name}": SETTING_FIRST + i for i, row in enumerate(SETTING_ROWS)}
    first = _head_row() + 1
    rows |= {row.key: first + i for i, row in enumerate(target_rows(typed.stores, typed.settings))}
    return TargetsAt(rows, {key: i for i, key in enumerate(HEADS, start=1)})


def _head_row() -> int:
    return SETTING_FIRST + len(SETTING_ROWS) + 2


def targets_page(typed: TypedTargets, year: Year) -> Page:
    """Return the whole page."""
    page, at = Page(SHEET, tab="#C9A227"), targets_as_built(typed)
    keys = max(at.columns.values()) + 1
    page.put(1, 1, f"年度目标 · {year.year}年", look.TITLE)
    page.put(2, 1, "只填黄底格：已知几项填几项，其余由公式推出；月度列可只填部分月份，其余按日历权重分摊。改完后运行“分解”。", look.HINT)  # fmt: skip
    page.put(SETTING_FIRST - 1, 1, "口径设置", PLAIN.but(bold=True, color=look.INK))
    _settings(page, typed, at, keys)
    head = _head_row()
    page.put(head - 1, keys, KEY_MARK, look.HIDDEN)
    for key, number in at.columns.items():
        page.put(head - 1, number, key, look.HIDDEN)
        page.put(head, number, HEADS[key], look.HEAD)
        page.columns[number] = Span(_WIDTHS.get(key, 11.5))
    for row in target_rows(typed.stores, typed.settings):
        _target(page, row, typed, at, keys)
    page.rows |= {1: Span(28), head - 1: Span(hidden=True), head: Span(24)}
    page.columns |= {1: Span(store_width(typed.stores, 14)), keys: Span(2, hidden=True)}
    _validations(page, typed, at)
    page.freeze = (head + 1, at.columns["value"])
    page.pages_tall, page.repeat_rows = 0, (head, head)
    page.print_area = Area(1, 1, max(at.rows.values()), at.columns["finding"])
    return page


def targets_frame(typed: TypedTargets) -> tuple[Page, TargetsAt]:
    """Return the headings and labels as built, and where the rows and columns are."""
    page, at, head = Page(SHEET), targets_as_built(typed), _head_row()
    for key, number in at.columns.items():
        page.put(head, number, HEADS[key], look.HEAD)
    for setting in SETTING_ROWS:
        page.put(*at.setting_label(setting.name), setting.label, look.ITEM)
    for row in target_rows(typed.stores, typed.settings):
        for key, text in (("store", row.store), ("label", row.label), ("unit", row.unit.value)):
            page.put(at.rows[row.key], at.columns[key], text, look.ITEM)
    return page, at


def _settings(page: Page, typed: TypedTargets, at: TargetsAt, keys: int) -> None:
    for row in SETTING_ROWS:
        number = at.rows[f"set:{row.name}"]
        value = getattr(typed.settings, row.name)
        code = ("1" if value else "") if isinstance(value, bool) else str(value)
        page.put(number, 1, row.label, look.ITEM)
        page.cells[number, 2] = Cell(
            row.choices.get(code, code) or None, "", look.INPUT.but(align="center")
        )
        page.put(number, 3, row.help, look.HINT)
        page.put(number, keys, f"set:{row.name}", look.HIDDEN)
        area = Area(number, 2, number, 2)
        choices = list(row.choices.values())
        message = f"请选择：{'、'.join(choices)}" if choices else row.help
        kind = "list" if choices else "any"
        page.validations.append(Validation(area, kind, choices, row.label, message))


def _target(page: Page, row: TargetRow, typed: TypedTargets, at: TargetsAt, keys: int) -> None:
    number, columns = at.rows[row.key], at.columns
    channel = row.store == EVERY
    page.put(number, columns["store"], row.store, look.ITEM)
    page.put(number, columns["label"], row.label, look.COMPANION if channel else look.ITEM)
    page.put(number, columns["unit"], row.unit.value, Style(align="center"))
    page.put(number, keys, row.key, look.HIDDEN)
    style = look.INPUT.but(number=_format(row))
    for key in INPUT_COLUMNS:
        look_of = look.INPUT.but(align="center") if key in ("locked", "confidence") else style
        page.cells[number, columns[key]] = Cell(typed.values.get((row.key, key)), "", look_of)
    page.cells[number, columns["months"]] = _month_sum(row, typed, at)
    finding = typed.findings.get(row.key, "")
    page.cells[number, columns["finding"]] = Cell(finding or None, "", FINDING)
    if row.help:
        page.notes[number, columns["label"]] = row.help
    page.rows[number] = Span(18, level=int(channel))


def _format(row: TargetRow) -> str:
    return MONEY_FORMAT if row.unit is Unit.MONEY and not row.is_flow else {"元": "#,##0", "个": "#,##0", "%": "0.00%", "倍": "0.00"}[row.unit.value]  # fmt: skip


def _month_sum(row: TargetRow, typed: TypedTargets, at: TargetsAt) -> Cell:
    style = Style(State.DERIVED, number=_format(row), fill=look.TOTAL_FILL)
    if not row.is_flow:
        return Cell(None, "", style)
    number = at.rows[row.key]
    first, last = letters(at.columns["m:1"]), letters(at.columns["m:12"])
    area = f"{first}{number}:{last}{number}"
    given = [typed.values.get((row.key, f"m:{m}")) for m in range(1, 13)]
    known = [float(v) for v in given if isinstance(v, int | float)]
    return Cell(sum(known) if known else "", f'=IF(COUNT({area})=0,"",SUM({area}))', style)


def _validations(page: Page, typed: TypedTargets, at: TargetsAt) -> None:
    rows = [at.rows[row.key] for row in target_rows(typed.stores, typed.settings)]
    top, bottom = min(rows), max(rows)

    def area(first: str, last: str = "") -> Area:
        return Area(top, at.columns[first], bottom, at.columns[last or first])

    number = (
        "请填数字；也可以写 500万、4%、3.5:1。按回车后如提示不是数字，选“是”保留，分解时会识别"
    )
    for cells in (area("value"), area("last"), area("m:1", "m:12")):
        page.validations.append(
            Validation(cells, "decimal", (0, 1e13), "目标值", number, strict=False)
        )
    page.validations.append(
        Validation(area("locked"), "list", [YES], "锁定", "选 √ 后协调时不改这个目标")
    )
    page.validations.append(Validation(area("confidence"), "integer", (1, 5), "可信度", "1–5 的整数，越大越可信、协调时改得越少；留空按 3"))  # fmt: skip


def target_cells(typed: TypedTargets, at: TargetsAt) -> dict[Spot, Cell]:
    """Return the derived cells: month sums and findings."""
    cells: dict[Spot, Cell] = {}
    for row in target_rows(typed.stores, typed.settings):
        if row.key in at.rows:
            number = at.rows[row.key]
            finding = typed.findings.get(row.key, "")
            cells[number, at.columns["finding"]] = Cell(finding or None)
            if row.is_flow:
                cells[number, at.columns["months"]] = _month_sum(row, typed, at)._replace(
                    style=None
                )
    return cells
