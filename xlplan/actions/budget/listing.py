"""The long list: one row an amount, as ledgers import it, in the columns of a small profile file.

A profile says what a system wants (金蝶, Business Central …):

name = "账套"
encoding = "gb18030"             # utf-8-sig when nothing is said
delimiter = ","
period = "{year}-{month:02d}"    # also "{year}{month:02d}", "{month}"
unit = "元"
tax = "未税"
version = "年度预算"
[columns]                        # head = what it holds, in this order
"期间" = "period"
"科目编码" = "account"
"金额" = "amount"
"币种" = "=CNY"                   # after = a text that is the same in every row
"""

from __future__ import annotations

import csv
import io
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.actions.run.outcome import Outcome
from xlplan.books.build import build
from xlplan.cells import Page, Span, Style
from xlplan.errors import FileError, InputError, Where
from xlplan.ooxml.files.durable import create_new, durable_replace
from xlplan.plan.budget.accounts import SPECIAL, TURNOVER
from xlplan.plan.budget.amount import Amounts
from xlplan.plan.budget.budget import DIVISOR, TAXED, UNTAXED
from xlplan.record import record
from xlplan.sheets.base import look

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from xlplan.plan.budget.budget import Budget, View

FIELDS = ("period", "account", "account_name", "detail", "department", "store", "channel", "amount", "version", "tax", "unit")  # fmt: skip
#: Signs that a spreadsheet takes for a formula when a text starts with one.
RISKY = ("=", "+", "-", "@", "\t", "\r")
_SHEET = "预算明细"


@record
class Profile:
    """What a system wants.

    Attributes:
        name: Its name.
        columns: Head → field, or ``=text``.
        period: How a month is written.
        encoding: Of a CSV.
        delimiter: Of a CSV.
        version: Name of the budget's version.
        unit: 元, 千元, 万元; "" as asked.
        tax: 含税, 未税; "" as asked.
    """

    columns: Mapping[str, str]
    name: str = "明细"
    period: str = "{year}-{month:02d}"
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    version: str = "预算"
    unit: str = ""
    tax: str = ""


PLAIN = Profile({
    "期间": "period", "科目编码": "account", "科目": "account_name", "明细": "detail",
    "部门": "department", "店铺": "store", "渠道": "channel", "金额": "amount", "版本": "version",
})  # fmt: skip


def load_profile(path: str | Path) -> Profile:
    """Read a profile file.

    Raises:
        InputError: It cannot be read, or says what no list can hold.
    """
    file = Path(path)
    try:
        said = tomllib.loads(file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError("配置文件读不出来", str(error), Where(file.name)) from error
    known = {*Profile.__annotations__}
    odd = [key for key in said if key not in known]
    columns = said.get("columns")
    if odd or not isinstance(columns, dict) or not columns:
        what = f"不认识“{'、'.join(odd)}”" if odd else "没有 [columns]"
        raise InputError(
            f"配置文件{what}",
            '最少要有 [columns] 下的 "期间" = "period"、"金额" = "amount"',
            Where(file.name),
        )
    wrong = [
        text for text in columns.values() if text not in FIELDS and not str(text).startswith("=")
    ]
    if wrong or "amount" not in columns.values():
        what = f"列的内容“{'、'.join(map(str, wrong))}”不认识" if wrong else "没有一列是 amount"
        raise InputError(what, f"可用：{'、'.join(FIELDS)}，或 =固定文字", Where(file.name))
    profile = Profile(**said)
    _check(profile, file.name)
    return profile


def _check(profile: Profile, file: str) -> None:
    try:
        profile.period.format(year=2026, month=1)
        "预算".encode(profile.encoding)
    except (KeyError, IndexError, ValueError, LookupError) as error:
        raise InputError(
            f"period 或 encoding 写得不对（{error}）",
            'period 如 "{year}-{month:02d}"，encoding 如 "gb18030"',
            Where(file),
        ) from error
    if profile.unit not in ("", *DIVISOR) or profile.tax not in ("", TAXED, UNTAXED):
        raise InputError(
            "unit 或 tax 不认识", "unit：元、千元、万元；tax：含税、未税", Where(file)
        )
    if len(profile.delimiter) != 1:
        raise InputError("delimiter 要是一个字符", '如 ","', Where(file))


def rows_of(budget: Budget, view: View, profile: Profile) -> Iterator[dict[str, str | Decimal]]:
    """Yield the rows: every unit, account, detail and month with an amount."""
    unit = profile.unit or view.unit
    tax = profile.tax or view.tax
    units = {one.name: one for one in budget.units}
    for (name, key), months in Amounts(budget, tax).fen.items():
        account, _, detail = key.partition("/")
        if account == TURNOVER:
            continue
        code, called = (
            SPECIAL[account][:2]
            if account in SPECIAL
            else (account, budget.chart.by_code[account].name)
        )
        for month, fen in enumerate(months.tolist(), start=1):
            if fen:
                yield {
                    "period": profile.period.format(year=budget.year, month=month),
                    "account": code,
                    "account_name": called,
                    "detail": detail,
                    "department": units[name].department,
                    "store": units[name].store,
                    "channel": units[name].channel,
                    "amount": Decimal(fen) / (100 * DIVISOR[unit]),
                    "version": profile.version,
                    "tax": tax,
                    "unit": unit,
                }


def safe_text(text: str) -> str:
    """Return a text for a CSV that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(RISKY) else text


def as_csv(budget: Budget, view: View, profile: Profile) -> bytes:
    """Return the list as a CSV file.

    Raises:
        InputError: A name has a character that the encoding has not.
    """
    target = io.StringIO()
    writer = csv.writer(target, delimiter=profile.delimiter, lineterminator="\r\n")
    writer.writerow([safe_text(head) for head in profile.columns])
    for row in rows_of(budget, view, profile):
        writer.writerow([_cell(row, field) for field in profile.columns.values()])
    try:
        return target.getvalue().encode(profile.encoding)
    except UnicodeEncodeError as error:
        letter = error.object[error.start : error.end]
        raise InputError(
            f"“{letter}”在编码 {profile.encoding} 里没有", "encoding 改成 utf-8-sig 或 gb18030"
        ) from error


def _cell(row: Mapping[str, str | Decimal], field: str) -> str:
    if field.startswith("="):
        return safe_text(field[1:])
    value = row[field]
    return safe_text(value) if isinstance(value, str) else f"{value:f}"


def as_workbook(budget: Budget, view: View, profile: Profile) -> bytes:
    """Return the list as an .xlsx file."""
    page = Page(_SHEET, protect=False, freeze=(2, 1), pages_tall=0)
    for column, head in enumerate(profile.columns, start=1):
        page.put(1, column, head, look.HEAD)
        page.columns[column] = Span(16)
    for number, row in enumerate(rows_of(budget, view, profile), start=2):
        for column, field in enumerate(profile.columns.values(), start=1):
            value = field[1:] if field.startswith("=") else row[field]
            if isinstance(value, Decimal):
                page.put(number, column, float(value), Style(number="#,##0.00####"))
            else:
                page.put(number, column, value, Style(number="@"))
    return build([page], title=f"{budget.year} 年预算明细")


def write_list(
    target: Path, budget: Budget, view: View, profile: str | Path | None, *, dry_run: bool
) -> Outcome:
    """Write the long list.

    Raises:
        InputError: The profile is wrong.
        FileError: The file cannot be written, or is not a list made here.
    """
    chosen = load_profile(profile) if profile else PLAIN
    plain = target.suffix.lower() == ".csv"
    data = as_csv(budget, view, chosen) if plain else as_workbook(budget, view, chosen)
    rows = list(rows_of(budget, view, chosen))
    total = sum((row["amount"] for row in rows if row["account"] == "GMV"), Decimal(0))
    if not dry_run:
        _put(target, data, chosen)
    unit, tax = chosen.unit or view.unit, chosen.tax or view.tax
    lines = [
        f"{'将写入' if dry_run else '已写入'} {target}：{len(rows)} 行，{unit}，{tax}",
        f"支付金额合计 {total:,.2f}",
    ]
    facts: dict[str, object] = {"file": str(target), "rows": len(rows), "unit": unit, "tax": tax}
    return Outcome("预算明细预览" if dry_run else "预算明细完成", lines, [], facts)


def _put(target: Path, data: bytes, profile: Profile) -> None:
    """Write the list; one with the same heads is replaced and kept in the backups."""
    if not target.exists():
        create_new(target, data)
        return
    there = target.read_bytes()
    if there == data:
        return
    if not _same_heads(target, there, data, profile):
        raise FileError(
            f"{target.name} 已存在，而且不是预算明细，没有覆盖",
            "用 --out 换个文件名",
            Where(target.name),
            code="exists",
        )
    durable_replace(target, data)


def _same_heads(target: Path, there: bytes, data: bytes, profile: Profile) -> bool:
    if target.suffix.lower() == ".csv":
        return there.partition(b"\r\n")[0] == data.partition(b"\r\n")[0]
    from xlplan.ooxml.reader import open_workbook

    found = open_workbook(there)
    if [sheet.name for sheet in found.sheets] != [_SHEET]:
        return False
    cells = found.sheet(_SHEET)
    return [cells.value(1, n) for n, _ in enumerate(profile.columns, start=1)] == list(
        profile.columns
    )
