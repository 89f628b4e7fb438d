"""File names from typed names (RELIABILITY X13)."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlplan.actions.stores.filenames import MOST_BYTES, distinct_names, inside, safe_name
from xlplan.errors import InputError

HOSTILE = [
    "../../etc/passwd", "..", ".", "...", "", " ", "　", "/", "\\", "//server/share", "C:\\Windows\\x",
    "a/b", "a\\b", "a:b", "a*b", "a?b", 'a"b', "a<b>c", "a|b", "CON", "con", "PRN.txt", "AUX", "NUL",
    "nul.xlsx", "COM1", "com9", "LPT1.x", "COM¹", "CLOCK$", "a\x00b", "a\nb", "a\tb", "\x7f", "a.", "a ",
    " .a. ", "甲\u202etxt.exe", "甲\u200b店", "\ufeff店", "店" * 200, "ｃｏｎ", "／etc", "é" * 300, "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_every_name_is_a_plain_file_in_the_folder(text, tmp_path):
    name = safe_name(text)
    assert name
    assert not set(name) & set('<>:"/\\|?*')
    assert all(ord(sign) >= 32 and sign != "\x7f" for sign in name)
    assert name == name.strip(" .")
    assert len(name.encode()) <= MOST_BYTES + 1
    path = inside(tmp_path, f"{name}_2026日报.xlsx")
    path.write_bytes(b"x")
    assert [found.name for found in tmp_path.iterdir()] == [path.name]
    stem = name.partition(".")[0].upper()
    assert stem not in {"CON", "PRN", "AUX", "NUL", "COM1", "COM9", "LPT1", "CLOCK$"}


def test_ordinary_names_stay_as_they_are():
    for name in ("示例旗舰店", "Shop A", "天猫-旗舰店（华东）", "店铺_01"):
        assert safe_name(name).replace("(", "（").replace(")", "）") == name


def test_names_that_become_alike_are_kept_apart():
    names = distinct_names(["a/b", "a:b", "A_B", "甲"])
    assert len({name.casefold() for name in names.values()}) == 4


def test_a_name_that_leaves_the_folder_is_refused():
    with pytest.raises(InputError):
        inside(Path("/tmp"), "../x.xlsx")  # noqa: S108
