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

from xlplan.actions.plan.demo import demo

HERE = Path(__file__).parent
BOOKS, PICTURES = HERE.parent / "workbooks", HERE / "img"
A4_LANDSCAPE = 1169  # hundredths of an inch


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


CUTS = (
    Picture("home", "2026 年电商经营计划", 0.035, 0.055, 0.85, 0.48, 1100),
    Picture("targets", "年度目标", 0.03, 0.055, 0.79, 0.35, 1400),
    Picture("year", "电商规划表", 0.03, 0.055, 0.94, 0.52, 1500),
    Picture("month", "店铺每周运营计划表 · 2026年9月", 0.03, 0.055, 0.408, 0.36, 1020),
)


def main(options: list[str]) -> None:
    """Make the book, and the pictures when asked."""
    make_books()
    if "--pictures" in options:
        make_pictures()


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
        place = Path(folder)
        profile = f"-env:UserInstallation={(place / 'profile').as_uri()}"
        _run("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", place, book)
        pdf = next(place.glob("*.pdf"))
        texts = _run("pdftotext", "-layout", pdf, "-").split("\f")
        for cut in CUTS:
            number = next(
                i for i, text in enumerate(texts, 1) if text.lstrip().startswith(cut.title)
            )
            _cut(pdf, number, cut)


def _cut(pdf: Path, page: int, cut: Picture) -> None:
    dots = cut.pixels / cut.width / (A4_LANDSCAPE / 100)
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
