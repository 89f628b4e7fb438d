"""Makes the example book of ``workbooks/`` and the pictures of ``docs/img/`` anew.

``python docs/examples.py`` runs ``xlplan demo`` into workbooks/ (replacing what it made before);
``--pictures`` then prints that book with LibreOffice and cuts the pictures out of the pages
(needs soffice, pdftoppm and pdftotext). ``tests/test_workbooks.py`` notices a stale book.
"""  # noqa: INP001 - a script beside the pages it makes pictures for

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from xlplan.actions.budget.exporting import budget
from xlplan.actions.imports.importing import import_all
from xlplan.actions.outlook.reviewing import review
from xlplan.actions.plan.cardboard import cards
from xlplan.actions.plan.demo import STORE, demo
from xlplan.actions.tasks.making import tasks
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.sheets.base.find import find_keys

HERE = Path(__file__).parent
BOOKS, PICTURES = HERE.parent / "workbooks", HERE / "img"
A4_LANDSCAPE, A3_LANDSCAPE = 1169, 1654  # hundredths of an inch


class Picture(NamedTuple):
    """A part of a sheet's first printed page.

    `title` is how the page's text begins; left, top, width and height are shares of the page;
    `pixels` is the width of the picture.
    """

    name: str
    title: str
    left: float
    top: float
    width: float
    height: float
    pixels: int
    paper: int = A4_LANDSCAPE


CUTS = (
    Picture("home", "2026 年电商经营计划", 0.035, 0.05, 0.94, 0.7, 1400),
    Picture("targets", "年度目标", 0.03, 0.055, 0.79, 0.35, 1400),
    Picture("year", "电商规划表", 0.03, 0.055, 0.94, 0.52, 1500),
    Picture("month", "店铺每周运营计划表 · 2026年9月", 0.03, 0.055, 0.408, 0.36, 1020),
)
#: Of the sheets that come with what a team does in September.
SEPTEMBER_CUTS = (
    Picture("review", "复盘 · 2026年9月", 0.03, 0.055, 0.94, 0.68, 1300),
    Picture("cards", "2026 年指标卡", 0.02, 0.04, 0.97, 0.27, 1400, A3_LANDSCAPE),
    Picture("tasks", "工作计划 · 2026年9月", 0.02, 0.04, 0.97, 0.5, 1500, A3_LANDSCAPE),
)
#: Of the budget that finance takes of the same book.
BUDGET_CUTS = (
    Picture("budget-review", "2026 年预算说明", 0.03, 0.055, 0.94, 0.62, 1300),
    Picture("budget-total", "2026 年预算 · 总", 0.02, 0.04, 0.27, 0.28, 1060, A3_LANDSCAPE),
    Picture("budget-variance", "2026 年预算差异", 0.03, 0.055, 0.94, 0.8, 1180),
)
#: What finance types on 预算 for it, by the keys of its row and column.
TERMS = {
    ("total", "value"): "650万",
    (f"s:{STORE}", "b"): "天猫", (f"s:{STORE}", "c"): "电商部", (f"s:{STORE}", "value"): 0.13,
    ("l:1", "a"): "商品成本", ("l:1", "c"): "占营业收入", ("l:1", "value"): 0.46,
    ("l:2", "a"): "平台佣金及手续费", ("l:2", "c"): "占营业额", ("l:2", "value"): 0.05, ("l:2", "name"): "扣点",
    ("l:3", "a"): "仓储物流", ("l:3", "c"): "占支付金额", ("l:3", "value"): 0.06,
    ("l:4", "a"): "人工成本", ("l:4", "value"): 360_000, ("l:4", "name"): "客服",
    ("l:5", "a"): "系统使用费用", ("l:5", "value"): 48_000,
    ("l:6", "a"): "平台年费", ("l:6", "m:1"): 30_000,
    ("l:7", "a"): "保证金", ("l:7", "m:1"): 50_000,
}  # fmt: skip
CLOSED = """单位：元，未税
科目编码,科目,1月,2月
6001,营业收入,84120.35,98210.6
6401.01,商品成本,39020.1,45800
6401.03,分佣佣金,1510,1790
6401.04,仓储物流,6100.5,7210
6601.01,人工成本,30000,30000
6601.03,平台推广费,4120.2,5018.8
6601.04,平台佣金及手续费,5890.4,7133.1
6601.05,广告宣传费用,2010,2380
6601.10,系统使用费用,4000,4000
6601.11,平台年费,30000,0
1221,保证金,50000,0
"""


def main(options: list[str]) -> None:
    """Make the book, and the pictures when asked."""
    make_books()
    if "--pictures" in options:
        make_pictures()
        make_september_pictures()
        make_budget_pictures()


def make_books() -> None:
    """Replace the example book, its targets and its simulated actuals."""
    BOOKS.mkdir(exist_ok=True)
    for old in BOOKS.glob("示例_*"):
        old.unlink()
    os.environ["LOGNAME"] = "示例"  # the log names who did it; not the person at this machine
    made = demo(BOOKS).title
    shutil.rmtree(BOOKS / "备份", ignore_errors=True)
    sys.stdout.write("\n".join([made, *sorted(p.name for p in BOOKS.iterdir())]) + "\n")


def make_pictures() -> None:
    """Print the example book and cut the pictures."""
    PICTURES.mkdir(exist_ok=True)
    (book,) = BOOKS.glob("示例_*.xlsx")
    with tempfile.TemporaryDirectory(prefix="xlplan-pictures-") as folder:
        _print(book, Path(folder), CUTS)


def make_september_pictures() -> None:
    """Review September, lay its tasks out and measure the cards in a copy of the example."""
    (book,) = BOOKS.glob("示例_*.xlsx")
    with tempfile.TemporaryDirectory(prefix="xlplan-pictures-") as folder:
        copy = Path(folder) / "计划.xlsx"
        shutil.copyfile(book, copy)
        review(FileBook(copy))
        cards(FileBook(copy))
        tasks(FileBook(copy), month=9)
        _print(copy, Path(folder), SEPTEMBER_CUTS)


def make_budget_pictures() -> None:
    """Let finance set its terms in a copy of the example, export the budget, cut its pictures."""
    (book,) = BOOKS.glob("示例_*.xlsx")
    with tempfile.TemporaryDirectory(prefix="xlplan-pictures-") as folder:
        copy, actuals = Path(folder) / "计划.xlsx", Path(folder) / "财务实际.csv"
        shutil.copyfile(book, copy)
        _type(copy)
        actuals.write_text(CLOSED, "utf-8")
        import_all(FileBook(copy), [actuals], confirmed=True)
        budget(FileBook(copy), freeze=True, unit="万元", tax="未税")
        budget(FileBook(copy), unit="万元", tax="未税")
        _print(copy.with_name("2026年预算.xlsx"), Path(folder), BUDGET_CUTS)


def _type(copy: Path) -> None:
    book = FileBook(copy)
    keys = find_keys("预算", book.read("预算"))
    cells = {(keys.rows[row], keys.columns[column]): Cell(value) for (row, column), value in TERMS.items()}  # fmt: skip
    book.write({"预算": cells})
    book.save()


def _print(book: Path, place: Path, cuts: tuple[Picture, ...]) -> None:
    """Print a book with LibreOffice and cut the pictures out of its pages."""
    profile = f"-env:UserInstallation={(place / 'profile').as_uri()}"
    _run("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", place, book)
    pdf = place / f"{book.stem}.pdf"
    texts = _run("pdftotext", "-layout", pdf, "-").split("\f")
    for cut in cuts:
        number = next(i for i, text in enumerate(texts, 1) if text.lstrip().startswith(cut.title))
        _cut(pdf, number, cut)


def _cut(pdf: Path, page: int, cut: Picture) -> None:
    dots = cut.pixels / cut.width / (cut.paper / 100)
    wide, high = cut.pixels / cut.width, cut.pixels / cut.width / 2**0.5
    box = ("-x", cut.left * wide, "-y", cut.top * high, "-W", cut.pixels, "-H", cut.height * high)
    numbers = [part if isinstance(part, str) else str(round(part)) for part in box]
    target = PICTURES / cut.name
    pages = ("-f", str(page), "-l", str(page), "-singlefile")
    _run("pdftoppm", "-png", "-r", f"{dots:.2f}", *pages, *numbers, pdf, target)
    size = target.with_suffix(".png").stat().st_size
    sys.stdout.write(f"docs/img/{cut.name}.png {size // 1024} KB\n")


def _run(*command: str | Path) -> str:
    parts = [str(part) for part in command]
    return subprocess.run(parts, check=True, capture_output=True, text=True).stdout  # noqa: S603


if __name__ == "__main__":
    main(sys.argv[1:])
