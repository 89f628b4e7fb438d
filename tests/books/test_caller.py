"""Which book a click means, and where a book lies: never another one, never a made-up folder."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from xlplan.books import live
from xlplan.books.calm import patient
from xlplan.books.live import LiveBook
from xlplan.cells import Page
from xlplan.errors import FileError, StructureError


class ComError(Exception):
    """Shaped like pywintypes.com_error."""

    def __init__(self, hresult):
        super().__init__(hresult, "text", (0, "Excel", "", None, 0, 0), None)
        self.hresult = hresult


@pytest.fixture
def two_books(hold):
    made = hold([Page("9月")], "libreoffice"), hold([Page("9月")], "libreoffice")
    made[1].app.activate()  # another test's office may be in front
    made[1].open.activate()
    return made


@pytest.fixture
def mock_click():
    """Stand for a click in a book; taken back afterwards."""
    import xlwings

    yield lambda held: held.open.set_mock_caller()
    if hasattr(xlwings.Book, "_mock_caller"):
        del xlwings.Book._mock_caller


@pytest.mark.libreoffice
def test_the_caller_is_the_book_whose_button_was_clicked(two_books, mock_click):
    one, two = two_books
    mock_click(one)
    assert LiveBook.caller().name == one.path.name
    mock_click(two)
    assert LiveBook.caller().name == two.path.name
    assert LiveBook.at(one.path).name == one.path.name
    assert LiveBook.at(one.path.with_name("nicht.xlsx")) is None


@pytest.mark.libreoffice
def test_without_a_click_the_caller_is_the_book_in_front(two_books):
    one, two = two_books
    assert LiveBook.caller().name == two.path.name
    one.open.activate()
    assert LiveBook.caller().name == one.path.name


@pytest.mark.libreoffice
def test_a_clicked_book_that_was_closed_is_refused_with_another_one_open(two_books, mock_click):
    one, two = two_books
    mock_click(one)
    one.open.close()
    with pytest.raises(StructureError, match=one.path.name) as error:
        LiveBook.caller()
    assert "已经关闭" in error.value.message
    mock_click(two)
    assert LiveBook.caller().name == two.path.name


@pytest.mark.parametrize("there", [[], ["另一本.xlsx"]], ids=["nothing open", "another book"])
def test_a_click_that_names_a_book_which_is_not_there_finds_no_other(monkeypatch, there):
    import xlwings

    front = SimpleNamespace(name="另一本.xlsx")
    front.app = SimpleNamespace(books=[SimpleNamespace(name=name) for name in there])
    monkeypatch.setattr(live.sys, "argv", ["-c", "--wb=计划.xlsx", "--from_xl=1", "--hwnd=7"])
    monkeypatch.setattr(xlwings.Book, "caller", lambda: front)
    with pytest.raises(StructureError, match=r"“计划\.xlsx”已经关闭"):
        LiveBook.caller()
    monkeypatch.setattr(live.sys, "argv", ["-c", "--wb=另一本.XLSX", "--from_xl=1"])
    if there:
        assert LiveBook.caller().name == "另一本.xlsx"


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (ComError(-2147418111), FileError, "Excel 正忙"),
        (ComError(-2147023174), FileError, "已经关闭或停止响应"),
        (ComError(-2147352565), StructureError, "“计划.xlsx”已经关闭"),
        (KeyError("计划.xlsx"), StructureError, "“计划.xlsx”已经关闭"),
        (AttributeError("no apps"), StructureError, "“计划.xlsx”已经关闭"),
    ],
    ids=["busy", "gone", "no such book", "no such key", "no program"],
)
def test_a_click_whose_book_cannot_be_had_is_refused_never_led_elsewhere(
    monkeypatch, error, kind, said
):
    import xlwings

    def caller():
        raise error

    monkeypatch.setattr(live, "patient", partial(patient, wait=0.0, sleep=lambda _: None))
    monkeypatch.setattr(live.sys, "argv", ["-c", "--wb=计划.xlsx", "--from_xl=1"])
    monkeypatch.setattr(xlwings.Book, "caller", caller)
    monkeypatch.setattr(xlwings, "books", SimpleNamespace(active=pytest.fail))
    with pytest.raises(kind, match=said):
        LiveBook.caller()


def test_a_server_that_handed_its_book_over_counts_as_a_click(monkeypatch):
    import xlwings

    clicked = SimpleNamespace(name="计划.xlsx")
    clicked.app = SimpleNamespace(books=[clicked])
    monkeypatch.setitem(live.sys.modules, "xlwings._xlwindows", SimpleNamespace(BOOK_CALLER=1))
    monkeypatch.setattr(xlwings.Book, "caller", lambda: clicked)
    assert LiveBook.caller().book is clicked


def test_without_a_click_and_without_a_book_it_is_said(monkeypatch):
    import xlwings

    monkeypatch.setattr(xlwings, "apps", [])
    with pytest.raises(StructureError, match="没有打开的工作簿"):
        LiveBook.caller()


class Placed:
    """A book whose full name is a text, or an error."""

    name = "计划.xlsx"

    def __init__(self, full):
        self.full = full

    @property
    def fullname(self):
        if isinstance(self.full, Exception):
            raise self.full
        return self.full


@pytest.mark.parametrize(
    ("full", "path"),
    [
        ("/daten/计划.xlsx", Path("/daten/计划.xlsx")),
        ("Book1", None),
        ("https://d.docs.live.net/4b/计划.xlsx", None),
        (ValueError("Couldn't find your local OneDrive file"), None),
        (ComError(-2147352567), None),
    ],
    ids=["on disk", "never saved", "address", "not synchronised", "refused"],
)
def test_a_book_has_a_path_only_where_a_file_of_this_computer_is_known(full, path):
    assert LiveBook(Placed(full)).path == path


def test_a_busy_excel_is_not_taken_for_a_book_without_a_folder(monkeypatch):
    monkeypatch.setattr(live, "patient", partial(patient, wait=0.0, sleep=lambda _: None))
    with pytest.raises(FileError, match="Excel 正忙"):
        LiveBook(Placed(ComError(-2147418111))).path  # noqa: B018


def test_a_file_is_found_among_open_books_some_of_which_have_no_path(monkeypatch):
    import xlwings

    books = [Placed(ValueError("cloud")), Placed("Book1"), Placed("/daten/计划.xlsx")]
    monkeypatch.setattr(xlwings, "apps", [SimpleNamespace(books=books)])
    assert LiveBook.at("/daten/计划.xlsx").book is books[2]
