"""One bad copy among the stores': what the others typed arrives, and the bad one is named."""

from __future__ import annotations

import json
import os
from datetime import date

import pytest

from xlplan.cells import Cell
from xlplan.errors import Level
from xlplan.ooxml.patching.writes import checked_text
from xlplan.sheets.stores.handout import MOST_NOTE

DAY = date(2026, 1, 9)
BAD, GOOD = "乙店", ("甲店", "丙店")


def note(staff, path, text):
    staff.types(path, {(DAY, "note"): Cell(text)})


def inside(staff, path, old, new):
    sheet = "xl/worksheets/sheet1.xml"
    parts = {f"xl/worksheets/sheet{n}.xml": lambda data: data.replace(old, new) for n in (1, 2, 3)}
    assert sheet in parts
    staff.parts(path, parts)


def with_control(staff, path):
    note(staff, path, "QQQ")
    inside(staff, path, b"QQQ", b"a_x0007_b")


def with_control_in_a_number(staff, path):
    staff.types(path, {(DAY, "uv"): Cell("QQQ")})
    inside(staff, path, b"QQQ", b"1_x0007_2")


def full_of_notes(staff, path):
    staff.types(path, {(date(2026, 1, day), "note"): Cell("注" * 32_767) for day in range(1, 9)})


def renamed(name):
    return lambda _, path: os.rename(path, os.path.join(os.fsencode(path.parent), name))  # noqa: PTH104, PTH118  # bytes


def replaced(make):
    def replace(_, path):
        path.unlink()
        make(path)

    return replace


#: Kind → (how it is made, whether its own rows arrive too).
KINDS = {
    "a control character in a note": (with_control, True),
    "a control character in a number": (with_control_in_a_number, True),
    "a note of 32,767": (lambda staff, path: note(staff, path, "注" * 32_767), True),
    "a note of escapes": (lambda staff, path: note(staff, path, "_x0041_" * 4_681), True),
    "eight notes of 32,767": (full_of_notes, True),
    "a number of 32,767 digits": (lambda staff, path: staff.types(path, {(DAY, "uv"): Cell("9" * 32_767)}), True),
    "a number beyond all": (lambda staff, path: staff.types(path, {(DAY, "uv"): Cell(1e308)}), True),
    "a name in GBK": (renamed("你好".encode("gbk") + b".xlsx"), True),
    "a name with control characters": (renamed(b"a\x07\nb.xlsx"), True),
    "a name of 255 bytes": (renamed(b"x" * 250 + b".xlsx"), True),
    "half a file": (lambda _, path: path.write_bytes(path.read_bytes()[:5_000]), False),
    "an empty file": (lambda _, path: path.write_bytes(b""), False),
    "a pipe": (replaced(os.mkfifo), False),
    "a dead link": (replaced(lambda path: path.symlink_to("没有")), False),
    "a link to itself": (replaced(lambda path: path.symlink_to(path.name)), False),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_one_bad_copy_stops_none_of_the_others(kind, desk, staff):
    make, arrives = KINDS[kind]
    for path in desk.files.values():
        staff.types(path, {(DAY, "gmv"): Cell(1234.5)})
    make(staff, desk.files[BAD])
    done = desk.run()
    assert [desk.said(store, DAY, "gmv") for store in GOOD] == [1234.5, 1234.5]
    assert desk.said(BAD, DAY, "gmv") == (1234.5 if arrives else None)
    assert arrives or any(p.level is Level.ERROR and p.where.file for p in done.problems)
    for cells in desk.book.cells.values():
        for seen in cells.values():
            if isinstance(seen.value, str):
                checked_text(seen.value)
    json.dumps(done.as_dict(), ensure_ascii=False, default=str).encode()
    again = desk.run()
    assert again.changed == 0 or not arrives


def test_a_note_that_is_cut_says_so_with_its_cell(desk, staff):
    note(staff, desk.files[BAD], "注" * (MOST_NOTE + 1))
    done = desk.run()
    (problem,) = [p for p in done.problems if p.rule == "备注"]
    assert "4,001" in problem.what
    assert problem.where.cell
    assert desk.said(BAD, DAY, "note") == "注" * MOST_NOTE


def test_a_copy_whose_reading_breaks_breaks_alone(desk, staff, monkeypatch):
    from xlplan.actions.stores import returned

    for path in desk.files.values():
        staff.types(path, {(DAY, "gmv"): Cell(1234.5)})
    look = returned._look_inside

    def broken(file, data):
        if file.path == desk.files[BAD]:
            raise KeyError
        look(file, data)

    monkeypatch.setattr(returned, "_look_inside", broken)
    done = desk.run()
    assert [desk.said(store, DAY, "gmv") for store in GOOD] == [1234.5, 1234.5]
    assert any(
        p.rule == "unreadable" and p.where.file == desk.files[BAD].name for p in done.problems
    )
