"""Records are frozen dataclasses in every way but what they cost."""

from __future__ import annotations

import copy
import pickle
import re
from dataclasses import KW_ONLY, FrozenInstanceError, asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import ClassVar

import pytest

from xlplan.record import bundle, draft, record
from xlplan.regex import regex


@record
class Point:
    """Somewhere."""

    x: int
    y: int = 0
    tags: list[str] = field(default_factory=list)

    @cached_property
    def sum(self):
        return self.x + self.y


@record
class Tall(Point):
    z: int = 9


@dataclass(frozen=True)
class Peer:
    x: int
    y: int = 0
    tags: list[str] = field(default_factory=list)


@record
class Pair:
    x: int
    y: int = 0


def test_it_takes_what_a_dataclass_takes_and_shows_itself_so():
    for args, named in (((1,), {}), ((1, 2), {}), ((), {"y": 2, "x": 1}), ((1,), {"tags": ["a"]})):
        assert repr(Point(*args, **named)) == repr(Peer(*args, **named)).replace("Peer", "Point")
    assert Tall(1).z == 9
    assert repr(Tall(1, z=2)) == "Tall(x=1, y=0, tags=[], z=2)"


@pytest.mark.parametrize(
    ("args", "named"),
    [((), {}), ((1, 2, [], 4), {}), ((1,), {"x": 1}), ((1,), {"q": 1}), ((), {"y": 1, "q": 1})],
)
def test_it_refuses_what_a_dataclass_refuses(args, named):
    for made in (Peer, Point):
        with pytest.raises(TypeError):
            made(*args, **named)


def test_it_cannot_be_changed_and_a_changed_copy_is_another():
    point = Point(1, 2)
    for change in (lambda: setattr(point, "x", 2), lambda: delattr(point, "x")):
        with pytest.raises(FrozenInstanceError):
            change()
    assert point.sum == 3
    assert replace(point, y=5).sum == 6
    assert point == Point(1, 2)
    assert Point(1).tags is not Point(1).tags


def test_it_is_compared_and_hashed_by_its_fields():
    assert Pair(1, 2) == Pair(1, 2) != Pair(1, 3)
    assert Pair(1) != (1, 0)
    assert Tall(1) != Point(1)
    assert len({Pair(1), Pair(1), Pair(2)}) == 2
    with pytest.raises(TypeError):
        hash(Point(1))


def test_a_field_kept_out_of_comparing_plays_no_part_in_it():
    @record
    class Told:
        what: str
        where: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    assert Told("a", {"x": 1}) == Told("a")
    assert hash(Told("a", {"x": 1})) == hash(Told("a"))
    assert repr(Told("a", {"x": 1})).endswith("Told(what='a')")


def test_it_is_a_dataclass_to_others():
    point = Point(1, tags=["a"])
    assert asdict(point) == {"x": 1, "y": 0, "tags": ["a"]}
    assert [one.name for one in fields(Tall)] == ["x", "y", "tags", "z"]
    match point:
        case Point(x, y):
            assert (x, y) == (1, 0)
    assert copy.deepcopy(point) == pickle.loads(pickle.dumps(point)) == point  # noqa: S301


def test_a_bundle_equals_nothing_but_itself():
    @bundle
    class Held:
        frame: object

        def __post_init__(self):
            object.__setattr__(self, "seen", True)

    held = Held(1)
    assert held == held  # noqa: PLR0124
    assert held != Held(1)
    assert held.seen
    assert len({held, Held(1)}) == 2


def test_a_draft_can_be_changed_and_is_compared_by_what_it_holds():
    @draft
    class Tally:
        lines: list[str] = field(default_factory=list)
        count: int = 0

        def add(self, line):
            self.lines.append(line)
            self.count += 1

    tally = Tally()
    tally.add("a")
    assert tally == Tally(["a"], 1) != Tally()
    assert Tally.count == 0
    with pytest.raises(TypeError):
        hash(tally)


def test_a_raised_draft_is_an_exception_like_any_other():
    @draft
    class Trouble(Exception):  # noqa: N818
        what: str
        where: str = ""

    @draft
    class Worse(Trouble):
        code: int = 1

    error = Worse("a", code=2)
    assert (error.what, error.where, error.code, error.args) == ("a", "", 2, ("a",))
    assert repr(error).endswith("Worse('a')")
    assert len({error, Worse("a", code=2)}) == 2
    error.where = "b"
    assert error.where == "b"


def test_what_is_no_field_is_left_alone():
    @record
    class Kept:
        one: int
        _: KW_ONLY
        two: int = 2
        known: ClassVar[int] = 3

    assert [part.name for part in fields(Kept)] == ["one", "two"]
    assert Kept(1, two=5) == replace(Kept(1), two=5)
    assert Kept.known == 3


def test_an_expression_is_compiled_when_it_is_first_used():
    wrong = regex("(")
    with pytest.raises(re.error):
        wrong.search("(")
    words = regex("[A-Z]+", re.IGNORECASE)
    assert words.findall("ab 1 Cd") == re.compile("[a-z]+", re.IGNORECASE).findall("ab 1 Cd")
    assert words.fullmatch("ab")[0] == "ab"
    assert regex(rb"\d").sub(b"x", b"a1") == b"ax"
