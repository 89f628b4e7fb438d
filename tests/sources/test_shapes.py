"""The same facts, whatever order, width, preamble, encoding or spelling the file has."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import tempfile
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.sources import SOURCES, read
from xlplan.sources.exports.generic import guess
from xlplan.sources.readers.unpack import tables
from xlplan.sources.records import locate


def found(table):
    return locate(table, SOURCES) or guess(table)


EXPORTS = Path(__file__).parent.parent / "exports"
KNOWN = [
    path
    for path in sorted(EXPORTS.glob("*/*"))
    if path.is_file() and not path.name.endswith((".expected.csv", ".toml"))
    and any(found(table) for table in tables(path))
]  # fmt: skip
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16")


raw = cache(tables)
wanted_of = cache(read)


def as_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.date):
        return cell.isoformat()[:10]
    return repr(cell) if isinstance(cell, float) else str(cell)


def reshaped(path: Path, seed: int, preamble: int, delimiter: str) -> tuple[str, str]:
    """Return a name and CSV text with the same facts in another shape."""
    chance = random.Random(seed)
    table = raw(path)[0]
    _, header = found(table)
    width = max(map(len, table.rows))
    body = [[*map(as_text, row), *[""] * (width - len(row))] for row in table.rows[header:]]
    body = [[*row, f"备用{i}" if i else "备用列", ""] for i, row in enumerate(body)]
    order = list(range(width + 2))
    chance.shuffle(order)
    above = [[as_text(cell) for cell in row] for row in table.rows[:header]]
    notes = [[f"说明{i}"] for i in range(preamble)]
    rows = [*notes, *above, *([row[i] for i in order] for row in body)]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    sheet = f"_{table.sheet}" if "转化周期" in table.sheet else ""
    return f"{path.stem}{sheet}.csv", text.getvalue()


@pytest.mark.parametrize("path", KNOWN, ids=lambda path: path.name)
@settings(max_examples=6, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    preamble=st.integers(0, 12),
    encoding=st.sampled_from(ENCODINGS),
    delimiter=st.sampled_from(",\t;"),
)
def test_order_width_preamble_encoding_and_delimiter_change_nothing(
    path, seed, preamble, encoding, delimiter
):
    name, text = reshaped(path, seed, preamble, delimiter)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, name)
        made.write_bytes(text.encode(encoding))
        found = read(made)
    wanted = wanted_of(path)
    assert found.source == wanted.source
    pd.testing.assert_frame_equal(found.frame, wanted.frame)


@pytest.mark.parametrize(
    "spell",
    [
        lambda value: f"{value:,.2f}",
        lambda value: f"¥{value:,.2f}",
        lambda value: f"{value:.2f}元",
        lambda value: f" {value:.2f}\t",
        lambda value: f"{value / 10_000:.6f}万",
        lambda value: "".join(chr(ord(char) + 0xFEE0) for char in f"{value:.2f}"),
    ],
)
def test_a_column_of_numbers_typed_as_text_reads_the_same(tmp_path, spell):
    values = [52500.0, 1234.56, 0.5]
    rows = [f'2026-09-0{day},"{spell(value)}"' for day, value in enumerate(values, 1)]
    file = tmp_path / "示例店_日报.csv"
    file.write_text("日期,支付金额\n" + "\n".join(rows), "utf-8")
    assert read(file).frame["gmv"].tolist() == values


@pytest.mark.parametrize(
    "header",
    ["支付金额(元)", "支付金额（元）", " 支付 金额 ", "支付金额\n", "ＧＭＶ", "revenue", "Sales"],
)
def test_headers_are_compared_without_blanks_width_and_unit(tmp_path, header):
    file = tmp_path / "示例店_日报.csv"
    file.write_text(f'日期,"{header}"\n2026-09-01,12.5\n', "utf-8")
    assert read(file).frame["gmv"].tolist() == [12.5]


def test_a_column_in_ten_thousands_says_so_in_its_header_and_nowhere_else(tmp_path):
    file = tmp_path / "示例店_日报.csv"
    file.write_text(
        "日期,支付金额(万元),访客数\n2026-09-01,3.5,900\n2026-09-02,4.1万,800\n", "utf-8"
    )
    assert read(file).frame["gmv"].tolist() == [35_000, 41_000]
    assert read(file).frame["uv"].tolist() == [900, 800]
