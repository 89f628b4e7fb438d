"""预算 of the plan book: what finance sets. Tax per store, where channels are booked, lines typed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Area, Cell, Page, Span, State, Style, Validation, address
from xlplan.errors import Level, Problem, Where
from xlplan.plan.budget.accounts import CHART, Chart
from xlplan.plan.budget.settings import (
    BASES,
    BY_SALES,
    EVEN,
    CostLine,
    StoreTerms,
    Terms,
    default_account,
    default_reason,
)
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK, Keys, find_keys
from xlplan.sources.numbers import Number, parse_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Seen, Spot
    from xlplan.plan.year import Year

SHEET = "预算"
KEY_ROW = 3
#: Lines that can be typed; more by inserting rows is not needed: accounts have one each.
LINES = 40
#: Column key → width. What a column means is said by the head of each block.
COLUMNS = {
    "a": 20, "b": 16, "c": 16, "value": 14, "shape": 10,
    **{f"m:{month}": 11 for month in range(1, 13)}, "name": 16, "why": 40,
}  # fmt: skip
_AT = {key: number for number, key in enumerate(COLUMNS, start=1)}
_KEYS = len(COLUMNS) + 1
YEARLY = "全年金额"
#: What 算法 offers: the year's amount, or a share of something.
KINDS = (YEARLY, *(f"占{name}" for name in BASES.values()))
_BASE_OF = {f"占{name}": key for key, name in BASES.items()}
_TEXT = Style(State.INPUT)
_MONEY = Style(State.INPUT, number="#,##0.00")
_RATE = Style(State.INPUT, number="0.##%")
_SECTION = Style(bold=True, fill=look.PALE, color=look.INK, border=False)


def terms_page(terms: Terms, year: Year) -> Page:
    """Return the sheet."""
    page = Page(SHEET, tab="#C77700", freeze=(KEY_ROW + 1, 2), pages_tall=0)
    page.put(1, 1, f"{year.year} 年预算设置", look.TITLE)
    page.put(
        2,
        1,
        "黄格由财务填：税率、科目、没有驱动的费用只填一次。填好后“预算”（xlplan budget）导出工作簿或填系统表",
        look.HINT,
    )
    page.put(KEY_ROW, _KEYS, KEY_MARK, look.HIDDEN)
    for key, width in COLUMNS.items():
        page.put(KEY_ROW, _AT[key], key, look.HIDDEN)
        page.columns[_AT[key]] = Span(width)
    page.columns[_KEYS] = Span(2, hidden=True)
    page.rows |= {1: Span(28), KEY_ROW: Span(hidden=True)}
    row = _total(page, terms, KEY_ROW + 1)
    row = _stores(page, terms, year, row + 1)
    row = _channels(page, terms, year, row + 1)
    row = _lines(page, terms, row + 1)
    _taxes(page, terms, row + 1)
    return page


def _block(page: Page, row: int, title: str, **heads: str) -> None:
    for key in COLUMNS:
        page.put(row, _AT[key], title if key == "a" else None, _SECTION)
        if key in heads:
            page.put(row + 1, _AT[key], heads[key], look.HEAD)


def _put(page: Page, row: int, key: str, **cells: tuple[object, Style]) -> None:
    page.put(row, _KEYS, key, look.HIDDEN)
    for column, (value, style) in cells.items():
        page.cells[row, _AT[column]] = Cell(value, "", style)  # type: ignore[arg-type]


def _total(page: Page, terms: Terms, row: int) -> int:
    _block(page, row, "核定总额", a="项目", value="金额（元）", why="说明")
    _put(page, row + 2, "total", a=("核定预算总额", look.ITEM), value=(terms.total, _MONEY), why=("填了才核对各科目合计与未分配", look.COMPANION))  # fmt: skip
    _number(page, row + 2, "核定预算总额", "整年批下来的总额，元；可写 500万")
    return row + 3


def _stores(page: Page, terms: Terms, year: Year, row: int) -> int:
    _block(
        page, row, "店铺", a="店铺", b="渠道（预算表名）", c="部门", value="销项税率", why="说明"
    )
    for number, store in enumerate(year.stores, start=row + 2):
        said = terms.store(store)
        _put(
            page, number, f"s:{store}", a=(store, look.ITEM), b=(said.channel or None, _TEXT),
            c=(said.department or None, _TEXT), value=(said.tax, _RATE), why=(None, _TEXT),
        )  # fmt: skip
        _number(page, number, "销项税率", "如 13%、6%、1%；不填按 13% 算并提示")
    return row + 2 + len(year.stores)


def _channels(page: Page, terms: Terms, year: Year, row: int) -> int:
    _block(page, row, "推广渠道 → 科目", a="计划里的渠道", b="科目", why="为什么")
    names = {account.code: account.name for account in terms.accounts}
    first = row + 2
    for number, channel in enumerate(year.metrics.channels, start=first):
        code = terms.account_of(channel.key)
        why = terms.reasons.get(channel.key) or default_reason(channel.key)
        _put(page, number, f"c:{channel.key}", a=(channel.label, look.ITEM), b=(names.get(code), _TEXT), why=(why or None, _TEXT))  # fmt: skip
    last = first + len(year.metrics.channels) - 1
    _choose(page, Area(first, _AT["b"], last, _AT["b"]), [a.name for a in terms.accounts], "科目")
    return last + 1


def _lines(page: Page, terms: Terms, row: int) -> int:
    months = {f"m:{month}": f"{month}月" for month in range(1, 13)}
    _block(page, row, "没有驱动的费用、成本率（一行一项）", a="科目", b="店铺（空 = 各店）", c="算法", value="数值", shape="分到月", name="名称（明细）", why="说明", **months)  # fmt: skip
    names = {account.code: account.name for account in terms.accounts}
    first = row + 2
    for number in range(LINES):
        line = terms.lines[number] if number < len(terms.lines) else None
        _line(page, first + number, number, line, names)
    last = first + LINES - 1
    _choose(page, Area(first, _AT["a"], last, _AT["a"]), [a.name for a in terms.accounts], "科目")
    _choose(page, Area(first, _AT["c"], last, _AT["c"]), list(KINDS), "算法：全年金额，或占比")
    _choose(
        page, Area(first, _AT["shape"], last, _AT["shape"]), [EVEN, BY_SALES], "全年金额怎么分到月"
    )
    return last + 1


def _line(
    page: Page, row: int, number: int, line: CostLine | None, names: Mapping[str, str]
) -> None:
    cells: dict[str, tuple[object, Style]] = dict.fromkeys(COLUMNS, (None, _TEXT))
    cells |= {f"m:{month}": (None, _MONEY) for month in range(1, 13)}
    cells["value"] = (None, _MONEY)
    if line:
        kind = YEARLY if line.rate is None else f"占{BASES[line.base]}"
        value = (line.year, _MONEY) if line.rate is None else (line.rate, _RATE)
        cells |= {
            "a": (names.get(line.account, line.account), _TEXT),
            "b": (line.store or None, _TEXT),
            "c": (kind, _TEXT),
            "value": value,
            "shape": (line.shape if line.rate is None else None, _TEXT),
            "name": (line.name or None, _TEXT),
            "why": (line.why or None, _TEXT),
        }
        cells |= {f"m:{month}": (amount, _MONEY) for month, amount in line.months.items()}
    page.put(row, _KEYS, f"l:{number + 1}", look.HIDDEN)
    for key, (value, style) in cells.items():  # type: ignore[assignment]
        page.cells[row, _AT[key]] = Cell(value, "", style)  # type: ignore[arg-type]


def _taxes(page: Page, terms: Terms, row: int) -> int:
    _block(
        page,
        row,
        "科目的进项税率（可抵扣的才填；未税口径用）",
        a="科目",
        b="科目编码",
        value="进项税率",
        why="说明",
    )
    for number, account in enumerate(terms.accounts, start=row + 2):
        rate = terms.input_tax.get(account.code)
        _put(page, number, f"t:{account.code}", a=(account.name, look.ITEM), b=(account.code, look.ITEM), value=(rate, _RATE), why=(account.why or None, look.COMPANION))  # fmt: skip
        _number(page, number, "进项税率", "如 6%、13%；不填为不抵扣，含税未税同额")
    return row + 2 + len(terms.accounts)


def _choose(page: Page, area: Area, allowed: list[str], told: str) -> None:
    joined = ",".join(allowed)
    if len(joined) <= 255:
        page.validations.append(
            Validation(area, "list", allowed, told, f"可选：{joined[:200]}", strict=False)
        )


def _number(page: Page, row: int, title: str, told: str) -> None:
    area = Area(row, _AT["value"], row, _AT["value"])
    page.validations.append(Validation(area, "any", None, title, told))


class _Reader:
    """Reads the sheet, and says what it could not place."""

    def __init__(self, cells: Mapping[Spot, Seen], year: Year) -> None:
        self.cells, self.year = cells, year
        self.keys: Keys = find_keys(SHEET, cells)
        self.keys.need_columns({key: key for key in COLUMNS})
        self.chart, self.problems = Chart(CHART), [*()]  # type: ignore[var-annotated]

    def text(self, row: int, column: str) -> str:
        """Return a text, "" for an empty cell."""
        seen = self.cells.get((row, self.keys.columns[column]))
        return "" if seen is None or seen.value is None else str(seen.value).strip()

    def odd(self, row: int, column: str, what: str, remedy: str = "") -> None:
        """Remember what could not be understood."""
        where = Where(sheet=SHEET, cell=address(row, self.keys.columns[column]))
        self.problems.append(Problem(where, what, Level.ERROR, remedy, "预算"))

    def number(self, row: int, column: str) -> float | None:
        """Return a number; None for an empty cell and for what is none (which is told)."""
        seen = self.cells.get((row, self.keys.columns[column]))
        found = parse_number(None if seen is None else seen.value)
        if found is None:
            return None
        if isinstance(found, Number):
            return float(found.value)
        self.odd(
            row,
            column,
            f"“{self.text(row, column)}”读不成数，没有算进预算",
            "写成 30000、3万 或 5%",
        )
        return None

    def rate(self, row: int, column: str, most: float = 1.0) -> float | None:
        """Return a rate between 0 and `most`."""
        value = self.number(row, column)
        if value is not None and not 0 <= value <= most:
            self.odd(
                row,
                column,
                f"{value:g} 不像比率（0 到 {most:.0%}），没有算进预算",
                "比率写成 13% 或 0.13",
            )
            return None
        return value

    def account(self, row: int, column: str) -> str | None:
        """Return the code of a cost account; None and told when there is no such one."""
        text = self.text(row, column)
        code = self.chart.find(text)
        if code in self.chart.by_code:
            return code
        self.odd(row, column, f"科目表里没有“{text}”，这一行没有算进预算", "从下拉里选科目")
        return None

    def rows(self, prefix: str) -> list[tuple[str, int]]:
        """Return (rest of the key, row) of the rows whose key starts so."""
        return [
            (key[len(prefix) :], row)
            for key, row in self.keys.rows.items()
            if key.startswith(prefix)
        ]


def read_terms(cells: Mapping[Spot, Seen], year: Year) -> tuple[Terms, list[Problem]]:
    """Return what finance set, and what could not be understood, with cells.

    Raises:
        StructureError: The key row or key column is gone.
    """
    reader = _Reader(cells, year)
    total = [reader.number(row, "value") for _, row in reader.rows("total")]
    mapping, reasons = _read_channels(reader)
    taxes = {code: reader.rate(row, "value") for code, row in reader.rows("t:")}
    terms = Terms(
        mapping=mapping,
        reasons=reasons,
        stores={
            store: StoreTerms(
                reader.text(row, "b"), reader.text(row, "c"), reader.rate(row, "value")
            )
            for store, row in reader.rows("s:")
            if store in year.stores
        },
        input_tax={code: rate for code, rate in taxes.items() if rate},
        lines=tuple(filter(None, (_read_line(reader, row) for _, row in reader.rows("l:")))),
        total=total[0] if total else None,
    )
    return terms, reader.problems


def _read_channels(reader: _Reader) -> tuple[dict[str, str], dict[str, str]]:
    mapping, reasons = {}, {}
    for key, row in reader.rows("c:"):
        if reader.text(row, "b"):
            code = reader.account(row, "b")
            if code and code != default_account(key):
                mapping[key] = code
        why = reader.text(row, "why")
        if why and why != default_reason(key):
            reasons[key] = why
    return mapping, reasons


def _read_line(reader: _Reader, row: int) -> CostLine | None:
    months = {
        month: amount
        for month in range(1, 13)
        if (amount := reader.number(row, f"m:{month}")) is not None
    }
    filled = any(reader.text(row, key) for key in ("a", "value")) or months
    if not filled:
        return None
    if not reader.text(row, "a"):
        reader.odd(row, "a", "这一行有数，没有科目，没有算进预算", "从下拉里选科目")
        return None
    account, store = reader.account(row, "a"), reader.text(row, "b")
    kind = reader.text(row, "c") or YEARLY
    if store and store not in reader.year.stores:
        reader.odd(
            row,
            "b",
            f"没有店铺“{store}”，这一行没有算进预算",
            f"店铺是：{'、'.join(reader.year.stores)}；空着为各店",
        )
        return None
    if account is None:
        return None
    if kind not in KINDS:
        reader.odd(
            row, "c", f"算法“{kind}”不认识，这一行没有算进预算", f"可选：{'、'.join(KINDS)}"
        )
        return None
    return _typed_line(reader, row, account, store, kind, months)


def _typed_line(  # noqa: PLR0913, PLR0917  # the cells of a line
    reader: _Reader, row: int, account: str, store: str, kind: str, months: Mapping[int, float]
) -> CostLine | None:
    name, why = reader.text(row, "name").replace("/", "／"), reader.text(row, "why")
    if kind in _BASE_OF:
        rate = reader.rate(row, "value", 1.0)
        if months:
            reader.odd(row, "c", "按比率算的行不看各月金额", "要按月填就选“全年金额”")
        return (
            None
            if rate is None
            else CostLine(account, store, rate, _BASE_OF[kind], name=name, why=why)
        )
    year = reader.number(row, "value")
    shape = reader.text(row, "shape") or EVEN
    if shape not in (EVEN, BY_SALES):
        reader.odd(row, "shape", f"“{shape}”不认识，按 {EVEN} 算", f"可选：{EVEN}、{BY_SALES}")
        shape = EVEN
    if year is None and not months:
        return None
    amounts = {month: round(amount, 2) for month, amount in months.items()}
    yearly = None if year is None else round(year, 2)
    return CostLine(account, store, year=yearly, months=amounts, shape=shape, name=name, why=why)
