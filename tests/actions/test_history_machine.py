"""Random spreads, holds, typed edits, undos, saves and reopens: nothing drifts, nothing is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from xlplan.actions.changing import spread
from xlplan.actions.fill import fill
from xlplan.actions.history import base_of, log, replayed
from xlplan.actions.holding import hold, release
from xlplan.actions.newbook import Typed, new_from
from xlplan.actions.typed_edits import edits
from xlplan.actions.undoing import redo, undo
from xlplan.books.file import FileBook
from xlplan.cells import Cell, Seen
from xlplan.errors import PlanError
from xlplan.plan.holds import moved
from xlplan.sheets import meta
from xlplan.sheets.history_page import DONE, UNDO
from xlplan.sheets.lists import LOG
from xlplan.sheets.state_read import read_state

PERIODS = st.sampled_from(["全年", "Q3", "9月", "第37周", "9月9日", "8月20日-9月5日"])
METRICS = st.sampled_from(["销售额", "UV", "推广费", "笔数"])
WISHES = st.sampled_from(["+8%", "-5%", "*1.1", "+1000", "=30000", "=9万 平均"])


class OpenBook:
    """A closed file held in memory between saves, as a program holds an open book."""

    name = "计划.xlsx"

    def __init__(self, path):
        self.path, self.pending = path, {}
        self.load()

    def load(self):
        book = FileBook(self.path)
        self.cells = {sheet: book.read(sheet) for sheet in book.sheets()}

    def sheets(self):
        return list(self.cells)

    def read(self, sheet):
        return dict(self.cells[sheet])

    def write(self, changes):
        for sheet, cells in changes.items():
            self.pending.setdefault(sheet, {}).update(cells)
            for spot, cell in cells.items():
                self.cells[sheet][spot] = Seen(cell.value, cell.formula)

    def save(self):
        pass

    def tell(self, text):
        pass

    def reopen(self):
        book = FileBook(self.path)
        book.write(self.pending)
        book.save()
        self.pending = {}
        self.load()

    def values(self):
        return {
            (sheet, spot): (seen.value if seen.value != "" else None, seen.formula)
            for sheet, cells in self.cells.items()
            if sheet not in (LOG, UNDO, meta.SHEET)
            for spot, seen in cells.items()
            if seen.value not in (None, "") or seen.formula
        }


class Machine(RuleBasedStateMachine):
    @initialize()
    def start(self):
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "计划.xlsx"
        figures = {"gmv": "906万", "cvr": "5.5%", "aov": "100", "roi": "3.2", "spend": "100万"}
        new_from(path, Typed(2026, None, ["甲"], figures))
        self.book = OpenBook(path)
        self.first = self.book.values()
        self.state = read_state(self.book).state
        self.fresh = False

    def act(self, action, *, locks_may_go=False):
        before, there = self.state, self.book.values()
        try:
            action(self.book)
        except PlanError as refusal:
            assert refusal.message  # noqa: PT017 - the refusal is the expected other outcome
            assert self.book.values() == there
            return
        self.state = read_state(self.book).state
        if not locks_may_go:
            assert moved(before.year, self.state.year, before.holds) == []
            assert [h for h in before.holds if h not in self.state.holds] == []
        self.fresh = True

    @rule(metric=METRICS, period=PERIODS, to=WISHES, keep=st.sampled_from(["", "", "月", "年"]))
    def change(self, metric, period, to, keep):
        self.act(lambda book: spread(book, metric=metric, period=period, to=to, keep=keep))

    @rule(metric=METRICS, period=PERIODS, kind=st.sampled_from(["只读", "合计"]))
    def lock(self, metric, period, kind):
        self.act(lambda book: hold(book, metric=metric, period=period, kind=kind))

    @rule()
    def unlock(self):
        self.act(lambda book: release(book, id="全部"), locks_may_go=True)

    @rule(value=st.sampled_from([0, 12345.67, "+8%", "=2万"]))
    def type_over(self, value):
        at = read_state(self.book).at.book.months[9]
        spot = at.rows["gmv_target"], at.columns["d:2026-09-09"]
        kept = self.book.cells["9月"][spot]
        self.book.write({"9月": {spot: Cell(value)}})
        self.act(lambda book: edits(book, accept=True))
        if not self.book.cells["9月"][spot].formula:
            self.book.write({"9月": {spot: Cell(kept.value, kept.formula)}})

    @rule()
    def spread_targets(self):
        self.act(fill)

    @rule()
    def take_back(self):
        self.act(undo, locks_may_go=True)

    @rule()
    def do_again(self):
        self.act(redo, locks_may_go=True)

    @rule()
    def reopen(self):
        there = self.book.values()
        self.book.reopen()
        again = self.book.values()
        assert again.keys() == there.keys()
        self.state = read_state(self.book).state

    @invariant()
    def every_figure_is_whole_units_and_not_negative(self):
        if getattr(self, "fresh", False):
            self.fresh = False
            metrics = self.state.year.metrics
            for name, column in self.state.year.plan.items():
                values = column.dropna().to_numpy()
                units = values / (metrics[name].unit.step or 0.01)
                assert np.abs(units - np.rint(units)).max(initial=0) < 1e-4
                assert values.min(initial=0) >= 0

    def teardown(self):
        if not hasattr(self, "book"):
            return
        assert log(self.book, verify=True).problems == []
        state = read_state(self.book).state
        assert replayed(base_of(state), state).year.plan.equals(state.year.plan)
        for _ in [entry for entry in state.journal if entry.state == DONE]:
            undo(self.book)
        assert self.book.values() == self.first
        self.folder.cleanup()


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=3,
    stateful_step_count=7,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
