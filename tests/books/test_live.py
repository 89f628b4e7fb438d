"""What only an open book has: few round trips, settings put back, patience, protection."""

from __future__ import annotations

import os
import signal
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from xlplan import libreoffice
from xlplan.books import calm
from xlplan.books.calm import QUIET, let_programs_write, patient, quiet
from xlplan.books.live import LiveBook
from xlplan.cells import Cell, Growth, Page, Seen, Style
from xlplan.errors import FileError, PlanError, StructureError


class ComError(Exception):
    """Shaped like pywintypes.com_error: (hresult, text, details, argument)."""

    def __init__(self, hresult, scode=0):
        super().__init__(hresult, "text", (0, "Excel", "", None, 0, scode), None)
        self.hresult = hresult


class FakeApp:
    """Notes what is set; refuses what `refused` names."""

    def __init__(self, refused=()):
        state = {"interactive": True, "enable_events": True, "screen_updating": True}
        self.__dict__.update(state | {"calculation": "automatic", "log": [], "refused": refused})

    def __setattr__(self, name, value):
        if name in self.refused:
            raise ComError(-2146827284)
        self.log.append((name, value))
        self.__dict__[name] = value

    def calculate(self):
        self.log.append(("calculate", None))


class FakeRange:
    """A range over a dictionary of cells that counts its round trips."""

    def __init__(self, sheet, area):
        self.sheet, self.area = sheet, area
        self.row, self.column = area[:2]
        self.shape = (area[2] - area[0] + 1, area[3] - area[1] + 1)
        self.address = "A1"
        self.api = SimpleNamespace(Value2=[[1.23456789]])

    def options(self, **_):
        return self

    def _spots(self):
        return [
            [(r, c) for c in range(self.area[1], self.area[3] + 1)]
            for r in range(self.area[0], self.area[2] + 1)
        ]

    @property
    def value(self):
        return [[self.sheet.cells.get(at) for at in row] for row in self._spots()]

    @value.setter
    def value(self, rows):
        self._set("value", rows)

    @property
    def formula(self):
        return [[str(self.sheet.cells.get(at, "")) for at in row] for row in self._spots()]

    @formula.setter
    def formula(self, rows):
        self._set("formula", rows)

    def _set(self, how, rows):
        self.sheet.writes.append((how, self.area))
        if self.sheet.errors:
            raise self.sheet.errors.pop(0)
        for spots, values in zip(self._spots(), rows, strict=True):
            for at, value in zip(spots, values, strict=True):
                self.sheet.cells[at] = value


class FakeSheet:
    def __init__(self, name, cells, errors=()):
        self.name, self.cells, self.errors, self.writes = name, dict(cells), list(errors), []
        self.api = SimpleNamespace(ProtectContents=False, ProtectionMode=False)

    @property
    def used_range(self):
        bottom, right = map(max, zip(*self.cells, strict=True))
        return FakeRange(self, (1, 1, bottom, right))

    def range(self, first, last):
        return FakeRange(self, (*first, *last))


class Sheets(list):
    def __getitem__(self, key):
        return (
            next(s for s in self if s.name == key)
            if isinstance(key, str)
            else list.__getitem__(self, key)
        )


def fake_book(*sheets, date1904=False):
    return LiveBook(
        SimpleNamespace(
            name="计划.xlsx",
            app=FakeApp(),
            sheets=Sheets(sheets),
            api=SimpleNamespace(Date1904=date1904),
        )
    )


def test_settings_are_switched_off_and_put_back():
    app = FakeApp()
    with quiet(app):
        assert {name: getattr(app, name) for name in QUIET} == QUIET
    assert (app.interactive, app.screen_updating, app.calculation) == (True, True, "automatic")
    assert app.log[-1] == ("interactive", True)


def test_settings_are_put_back_after_an_error():
    app = FakeApp()
    with pytest.raises(ValueError, match="mitten"), quiet(app):
        raise ValueError("mitten")
    assert (app.enable_events, app.calculation) == (True, "automatic")


def test_a_setting_the_program_refuses_is_left_alone():
    app = FakeApp(refused=("interactive",))
    with quiet(app):
        assert app.screen_updating is False
    assert app.screen_updating is True


def test_a_book_on_manual_calculation_stays_so_and_is_computed_once():
    app = FakeApp()
    app.calculation = "manual"
    with quiet(app):
        pass
    assert app.calculation == "manual"
    assert [name for name, _ in app.log].count("calculate") == 1


@pytest.mark.parametrize(
    "error",
    [ComError(-2147418111), ComError(-2147417846), ComError(-2147352567, -2146777998)],
    ids=["rejected", "retry later", "editing a cell"],
)
def test_a_busy_excel_is_asked_again_with_pauses(error):
    answers, pauses = [error, error, "done"], []

    def work():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert patient(work, sleep=pauses.append) == "done"
    assert pauses == [0.05, 0.1]


def test_an_excel_that_stays_busy_is_refused_in_words():
    def work():
        raise ComError(-2147418111)

    with pytest.raises(FileError, match="Excel 正忙") as error:
        patient(work, wait=0.0, sleep=lambda _: None)
    assert error.value.code == "busy"
    assert "Esc" in error.value.remedy


def test_an_excel_that_ended_is_not_waited_for():
    def work():
        raise ComError(-2147023174)

    with pytest.raises(FileError, match="已经关闭") as error:
        patient(work, sleep=lambda _: pytest.fail("waited"))
    assert error.value.code == "gone"


def test_other_errors_pass_through_at_once():
    with pytest.raises(ZeroDivisionError):
        patient(lambda: 1 / 0, sleep=lambda _: pytest.fail("waited"))


def test_xlwings_own_endless_retry_is_bounded(monkeypatch):
    module = SimpleNamespace(N_COM_ATTEMPTS=0)
    monkeypatch.setitem(calm.sys.modules, "xlwings._xlwindows", module)
    calm.bound_attempts()
    assert module.N_COM_ATTEMPTS == 1


def test_amounts_in_a_currency_format_keep_all_their_digits():
    book = fake_book(FakeSheet("9月", {(1, 1): Decimal("1.2346")}))
    assert book.read("9月") == {(1, 1): Seen(1.23456789, "")}


def test_a_moment_reads_as_its_day():
    book = fake_book(FakeSheet("9月", {(1, 1): datetime(2026, 9, 1, 8, 30)}))
    assert book.read("9月") == {(1, 1): Seen(date(2026, 9, 1), "")}


def test_a_sheet_formatted_to_its_end_is_refused_not_read():
    book = fake_book(FakeSheet("9月", {(1_048_576, 20): None}))
    with pytest.raises(StructureError, match="使用区域过大"):
        book.read("9月")


def test_dates_beside_formulas_are_serials_of_the_books_own_system():
    for date1904, serial in ((False, 46266), (True, 46266 - 1462)):
        sheet = FakeSheet("9月", {(1, 1): "x"})
        fake_book(sheet, date1904=date1904).write(
            {"9月": {(2, 1): Cell(date(2026, 9, 1)), (2, 2): Cell(1.0, "=1")}}
        )
        assert sheet.cells[2, 1] == serial


def test_a_months_formulas_and_a_years_table_are_a_handful_of_round_trips():
    month = {
        (row, column): Cell(1.0, f"=A{row}") for row in range(8, 70) for column in range(3, 41)
    }
    table = {
        (row, column): Cell(float(row))
        for row in range(2, 732)
        for column in range(5, 40)
        if (row * column) % 7
    }
    sheets = FakeSheet("9月", {(1, 1): "标题"}), FakeSheet("_计划", {(1, 1): "key"})
    fake_book(*sheets).write({"9月": month, "_计划": table})
    assert len(sheets[0].writes) == 1
    assert len(sheets[1].writes) <= 12
    assert all(sheets[1].cells[spot] == cell.value for spot, cell in table.items())


def test_a_formula_that_stands_already_is_not_written_again():
    sheet = FakeSheet("9月", {(1, 1): "x"})
    book = fake_book(sheet)
    book._seen["9月"] = {(2, 1): Seen(1.0, "=1+0")}
    book.write({"9月": {(2, 1): Cell(5.0, "=1+0")}})
    assert sheet.writes == []


def test_what_was_written_before_an_error_is_taken_back():
    good, bad = (
        FakeSheet("8月", {(1, 1): "旧"}),
        FakeSheet("9月", {(1, 1): "y"}, [ValueError("x")]),
    )
    book = fake_book(good, bad)
    with pytest.raises(ValueError, match="x"):
        book.write({"8月": {(1, 1): Cell("新"), (2, 1): Cell(1.0)}, "9月": {(1, 1): Cell("z")}})
    assert good.cells == {(1, 1): "旧", (2, 1): None}
    assert bad.cells == {(1, 1): "y"}
    assert book.app.interactive is True


def protected(**more):
    calls = []
    api = SimpleNamespace(
        ProtectContents=True,
        ProtectionMode=False,
        ProtectDrawingObjects=True,
        ProtectScenarios=False,
        Protection=SimpleNamespace(**{n: n == "AllowSorting" for n in calm.ALLOWED}),
        **more,
    )

    def protect(**options):
        calls.append(options)
        api.ProtectionMode = True

    api.Protect = protect
    return SimpleNamespace(name="9月", api=api), calls


def test_protection_is_opened_to_programs_with_what_people_may_do_kept():
    sheet, calls = protected()
    let_programs_write(sheet)
    (options,) = calls
    kept = {name for name, value in options.items() if value is True}
    assert kept == {"UserInterfaceOnly", "Contents", "DrawingObjects", "AllowSorting"}
    let_programs_write(sheet)
    assert len(calls) == 1


def test_protection_with_a_password_is_refused_with_the_way_out():
    sheet, _ = protected()

    def refuse(**_):
        raise ComError(-2146827284)

    sheet.api.Protect = refuse
    with pytest.raises(StructureError, match="密码") as error:
        let_programs_write(sheet)
    assert "撤消工作表保护" in error.value.remedy


def pages():
    page = Page("9月", protect=False)
    page.put(1, 1, 3)
    return [page, Page("空", protect=False)]


@pytest.mark.libreoffice
def test_a_password_on_a_sheet_stops_the_write_before_anything_changed(hold):
    held = hold(pages(), "libreoffice")
    held.open.sheets["9月"].api.Protect("geheim")
    with pytest.raises(StructureError, match="密码"):
        held.book().write({"空": {(1, 1): Cell(1.0)}, "9月": {(1, 1): Cell(4.0)}})
    assert held.book().read("空") == {}
    assert held.book().read("9月") == {(1, 1): Seen(3, "")}


@pytest.mark.libreoffice
def test_errors_of_formulas_read_as_their_text(hold):
    page = Page("9月", protect=False)
    page.cells[2, 1] = Cell(None, "=1/0", Style())
    assert hold([page], "libreoffice").book().read("9月")[2, 1] == Seen("#DIV/0!", "=1/0")


@pytest.mark.libreoffice
def test_formulas_of_sheets_that_grow_know_the_books_names_and_each_other(hold):
    there = Page("9月")
    there.put(1, 1, 20)
    there.names = {"xlplan_limit": "='9月'!$A$1"}
    held = hold([there], "libreoffice")
    first, second = Page("工作计划"), Page("_工作计划", hidden=True)
    first.cells[1, 1] = Cell(21.0, "=xlplan_limit+1", Style())
    first.cells[2, 1] = Cell(3.0, '=COUNTIFS(_工作计划!$C$1:$C$9,"<"&xlplan_limit)', Style())
    for row in (1, 2, 3):
        second.put(row, 3, row)
    held.book().grow([Growth(first, "9月"), Growth(second, "工作计划")])
    sheet = held.open.sheets["工作计划"]
    assert [sheet["A1"].value, sheet["A2"].value] == [21.0, 3.0]


@pytest.mark.libreoffice
def test_new_sheets_come_across_with_looks_names_and_formulas_of_this_book(hold):
    held = hold(pages(), "libreoffice")
    new = Page("复盘")
    new.put(1, 1, "标题", Style(bold=True, fill="#1F3A5F"))
    new.cells[2, 1] = Cell(6, "='9月'!A1*2", Style(number="#,##0"))
    hidden = Page("_表", hidden=True)
    hidden.put(1, 1, 7)
    held.book().add([new, hidden], after="9月")
    book = held.book()
    assert book.sheets() == ["9月", "复盘", "_表", "空"]
    assert book.read("复盘") == {(1, 1): Seen("标题", ""), (2, 1): Seen(6, "='9月'!A1*2")}
    assert held.open.sheets["复盘"]["A1"].color == (0x1F, 0x3A, 0x5F)
    assert not held.open.sheets["_表"].visible
    assert len(held.app.books) == 1
    with pytest.raises(StructureError, match="已经有"):
        held.book().add([Page("复盘")])


@pytest.mark.libreoffice
def test_an_office_killed_in_the_middle_is_said_clearly_and_the_next_call_works(hold):
    import xlwings

    held = hold(pages(), "file")
    before = held.path.read_bytes()
    libreoffice.install()
    app = xlwings.App(visible=False, add_book=False)
    try:
        book = LiveBook(app.books.open(str(held.path)))
        put = book._put

        def killed(name, block):
            os.killpg(os.getpgid(app.pid), signal.SIGKILL)
            put(name, block)

        book._put = killed
        with pytest.raises(PlanError, match=r"退出|关闭"):
            book.write({"9月": {(1, 1): Cell(9.0)}})
        assert held.path.read_bytes() == before
        again = LiveBook(app.books.open(str(held.path)))
        again.write({"9月": {(1, 1): Cell(5.0)}})
        assert again.read("9月") == {(1, 1): Seen(5, "")}
    finally:
        app.quit()
