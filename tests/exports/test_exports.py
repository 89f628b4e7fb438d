"""Every export file gives what stands beside it; `python tests/exports/test_exports.py` rewrites that."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from xlplan.sources import SOURCES, read

HERE = Path(__file__).parent
EXPORTS = sorted(
    path
    for path in HERE.glob("*/*")
    if path.suffix != ".toml"
    and not path.name.endswith(".expected.csv")
    and path.parent.name != "__pycache__"
)


def expected_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.expected.csv")


def dump(path: Path) -> str:
    mapping = path.with_suffix(".toml")
    extract = read(path, mapping=mapping if mapping.exists() else None)
    frame = extract.frame.reset_index()
    frame["date"] = frame["date"].dt.strftime("%Y-%m-%d")
    lines = [
        f"# {extract.source}",
        frame.to_csv(index=False, lineterminator="\n", float_format="%.10g"),
    ]
    for part in extract.provenance:
        made = f"{part.time:%Y-%m-%d %H:%M}" if part.time else "时间不详"
        lines.append(
            f"# {part.name}｜{part.basis}｜{made}｜{'、'.join(map(str, part.partial)) or '无未完日'}"
        )
    return "\n".join([*lines, *(f"# {problem}" for problem in extract.problems)]) + "\n"


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.name)
def test_an_export_gives_what_stands_beside_it(path: Path):
    wanted, found = expected_of(path).read_text("utf-8"), dump(path)
    diff = difflib.unified_diff(
        wanted.splitlines(), found.splitlines(), "expected", "found", lineterm=""
    )
    assert "\n".join(diff) == ""


def test_every_declared_source_has_an_export_to_show_for_it():
    seen = {
        line for path in EXPORTS for line in expected_of(path).read_text("utf-8").splitlines()[:1]
    }
    assert {f"# {source.key}" for source in SOURCES} <= seen


def regenerate() -> None:
    for old in HERE.glob("*/*.expected.csv"):
        old.unlink()
    for path in EXPORTS:
        expected_of(path).write_text(dump(path), "utf-8")


if __name__ == "__main__":
    regenerate()
