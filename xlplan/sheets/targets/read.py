"""Reading 年度目标 back: settings, typed values, and the claims that 体检 works on."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from xlplan.cells import address
from xlplan.errors import Level, Problem, StructureError, Where
from xlplan.metrics import Unit
from xlplan.metrics.platforms import not_said
from xlplan.plan.targets.claims import Claim, Kind, Span
from xlplan.plan.year import Settings
from xlplan.record import draft
from xlplan.sheets.base.find import find_keys
from xlplan.sheets.targets.page import HEADS, INPUT_COLUMNS, SHEET, TargetsAt, TypedTargets
from xlplan.sheets.targets.rows import EVERY, SETTING_ROWS, TRY_HEADS, YES, TargetRow, target_rows
from xlplan.sheets.targets.trying import SPAN_ROW, read_trying
from xlplan.sources.numbers import Number, parse_amount
from xlplan.sources.text import Unread, is_missing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Seen, Spot, Value


@draft
class TargetsRead:
    """What 年度目标 says, and what is wrong with it."""

    typed: TypedTargets
    at: TargetsAt
    cells: Mapping[Spot, Seen]
    year: int
    file: str = ""
    claims: list[Claim] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_targets(
    cells: Mapping[Spot, Seen],
    stores: list[str],
    channels: tuple[str, ...],
    year: int,
    file: str = "",
) -> TargetsRead:
    """Read the sheet by its keys.

    Args:
        cells: The sheet's cells.
        stores: The book's stores.
        channels: The book's channel keys.
        year: The plan year.
        file: Name for messages.

    Raises:
        StructureError: A key row or column is missing.
    """
    keys = find_keys(SHEET, cells)
    keys.need_columns({key: HEADS[key] for key in ("value", *INPUT_COLUMNS)})
    keys.need_rows({f"set:{row.name}": row.label for row in SETTING_ROWS})
    at = TargetsAt(keys.rows, keys.columns)
    problems: list[Problem] = []
    settings = _settings(cells, at, channels, problems, file)
    problems += _strange_platforms(settings.platforms, stores, at, file)
    rows = target_rows(stores, settings)
    keys.need_rows({row.key: f"{row.store} {row.label}" for row in rows})
    _need_labels(cells, at, rows, file)
    read = TargetsRead(TypedTargets(stores, settings), at, cells, year, file, problems=problems)
    values: dict[tuple[str, str], Value] = {}
    tried, span = _tried(cells, at)
    for row in rows:
        for key in INPUT_COLUMNS:
            _read_cell(row, key, read, values)
    read.typed = TypedTargets(stores, settings, values, tried=tried, span=span)
    return read


def _tried(cells: Mapping[Spot, Seen], at: TargetsAt) -> tuple[dict[str, float], str]:
    if not TRY_HEADS.keys() <= at.columns.keys():
        return {}, ""
    values = {
        (key, "if"): seen.value
        for key, row in at.rows.items()
        if key.startswith("t:") and (seen := cells.get((row, at.columns["if"])))
    }
    chosen = cells.get((at.rows[SPAN_ROW], at.columns["plan"]))
    return read_trying(values, chosen.value if chosen else None)


def _need_labels(
    cells: Mapping[Spot, Seen], at: TargetsAt, rows: Sequence[TargetRow], file: str
) -> None:
    """Check that the names people see are those of the hidden keys.

    Sorting or pasting without the hidden column would give one store's numbers to another.

    Raises:
        StructureError: A row shows the name of another row.
    """

    def seen(key: str, column: str) -> str:
        cell = cells.get((at.rows[key], at.columns.get(column, 0)))
        return str(cell.value).strip() if cell and cell.value is not None else ""

    known = {(row.store, row.label) for row in rows}
    shown = {row.key: (seen(row.key, "store"), seen(row.key, "label")) for row in rows}
    wrong = [
        row for row in rows if shown[row.key] != (row.store, row.label) and shown[row.key] in known
    ]
    settings = {row.label for row in SETTING_ROWS}
    labels = {row.label: cells.get(at.setting_label(row.name)) for row in SETTING_ROWS}
    moved = [
        (label, str(cell.value).strip())
        for label, cell in labels.items()
        if cell is not None and str(cell.value).strip() in settings - {label}
    ]
    if not wrong and not moved:
        return
    named = [
        f"第 {at.rows[row.key]} 行写着“{'·'.join(shown[row.key])}”，隐藏的键却是“{row.store}·{row.label}”"
        for row in wrong[:3]
    ]
    named += [f"设置“{is_now}”的行，隐藏的键却是“{label}”" for label, is_now in moved[:3]]
    first = at.rows[wrong[0].key] if wrong else at.rows[f"set:{SETTING_ROWS[0].name}"]
    raise StructureError(
        f"“{SHEET}”看到的行名与隐藏的键不符（{len(wrong) + len(moved)} 行）：{'；'.join(named)}。没有写入任何内容",
        "多半是排序或粘贴时没有带上最右边隐藏的键列：请撤销那次操作，或选中整行再排序；行名被改的，改回原名",
        Where(file, SHEET, address(first, 1)),
    )


def _settings(
    cells: Mapping[Spot, Seen],
    at: TargetsAt,
    channels: tuple[str, ...],
    problems: list[Problem],
    file: str,
) -> Settings:
    chosen: dict[str, str] = {}
    for row in SETTING_ROWS:
        spot = at.setting(row.name)
        text = str(cells[spot].value or "").strip() if spot in cells else ""
        codes = {label: code for code, label in row.choices.items()}
        if not row.choices:
            chosen[row.name] = text
        elif text in codes:
            chosen[row.name] = codes[text]
        elif text:
            problems.append(
                Problem(
                    Where(file, SHEET, address(*spot)),
                    f"{row.label}不能是“{text}”，已按“{next(iter(row.choices.values()))}”处理",
                    Level.WARNING,
                    f"请选择：{'、'.join(row.choices.values())}",
                    "设置",
                )
            )
    return Settings(
        day_convention="30" if chosen.get("day_convention") == "30" else "calendar",
        aov_base=chosen.get("aov_base", "orders"),
        refund_base=chosen.get("refund_base", "units"),
        channels=channels,
        show_excluded=bool(chosen.get("show_excluded")),
        maturity_days=int(chosen.get("maturity_days", "7")),
        staff_first=chosen.get("staff_first", ""),
        tolerance=float(chosen.get("tolerance", "0.01")),
        platforms=chosen.get("platforms", ""),
        campaign_money=bool(chosen.get("campaign_money")),
    )


def _strange_platforms(said: str, stores: list[str], at: TargetsAt, file: str) -> list[Problem]:
    odd = not_said(stores, said)
    if not odd:
        return []
    where = Where(file, SHEET, address(*at.setting("platforms")))
    what = f"店铺平台：“{'、'.join(odd)}”看不出是哪家店在哪个平台"
    return [Problem(where, what, Level.ERROR, f"写成 {stores[0]}=天猫，几家店用顿号隔开", "设置")]


def _read_cell(
    row: TargetRow, key: str, read: TargetsRead, values: dict[tuple[str, str], Value]
) -> None:
    spot = (read.at.rows[row.key], read.at.columns[key])
    seen = read.cells.get(spot)
    if seen is None or is_missing(seen.value):
        return
    where = Where(read.file, SHEET, address(*spot))
    if key == "locked":
        values[row.key, key] = YES if str(seen.value).strip() in (YES, "是", "1", "True") else None
        return
    unit = "个" if key == "confidence" else row.unit
    number = parse_amount(seen.value, unit=unit, latin_units=key != "confidence")
    if isinstance(number, Unread) or number is None:
        reason = number.what if isinstance(number, Unread) else "没有数"
        remedy = "请填数字，或写成 500万、4%、3.5:1"
        read.problems.append(
            Problem(where, f"{row.store}·{row.label}：{reason}", Level.ERROR, remedy, "数值")
        )
        return
    problem = _odd(row, key, number, where)
    if problem:
        read.problems.append(problem)
        return
    values[row.key, key] = int(number.value) if key == "confidence" else number.value
    if key != "confidence" and row.store != EVERY:
        claim = _claim(row, key, number, where, read)
        read.claims.append(replace(claim, text=str(seen.value)))


def _odd(row: TargetRow, key: str, number: Number, where: Where) -> Problem | None:
    """Return what makes a figure unusable: below zero, or a rate above 1 (never divided by 100)."""
    label = f"{row.store}·{row.label}"
    if key == "confidence" and number.value not in (1, 2, 3, 4, 5):
        return Problem(
            where,
            f"{label} 的可信度 {number.value:g} 不在 1–5",
            Level.ERROR,
            "请填 1–5 的整数",
            "数值",
        )
    if number.value < 0:
        return Problem(
            where, f"{label} 是负数 {number.value:g}", Level.ERROR, "目标不能小于 0", "数值"
        )
    if row.unit is Unit.PERCENT and key != "confidence" and number.value > 1:
        remedy = f"如果想写 {number.value:g}%，请带上百分号；小数写法是 {number.value / 100:g}"
        return Problem(
            where, f"{label} 为 {number.value:.0%}，超过 100%", Level.ERROR, remedy, "数值"
        )
    return None


def _claim(
    row: TargetRow,
    key: str,
    number: Number,
    where: Where,
    read: TargetsRead,
) -> Claim:
    at, cells = read.at, read.cells

    def text(column: str) -> str:
        found = cells.get((at.rows[row.key], at.columns[column]))
        return str(found.value).strip() if found and found.value is not None else ""

    confidence = text("confidence").partition(".")[0]
    return Claim(
        row.metric,
        number.value,
        label=row.label,
        period=Span.MONTH if key.startswith("m:") else Span.YEAR,
        index=int(key[2:]) if key.startswith("m:") else 0,
        year=read.year - 1 if key == "last" else read.year,
        kind=Kind.ACTUAL if key == "last" else Kind.TARGET,
        store=row.store,
        unit=row.unit.value,
        half=number.precision,
        locked=text("locked") in (YES, "是"),
        confidence=int(confidence) if confidence in ("1", "2", "3", "4", "5") else 3,
        where=where,
    )
