"""Random spreads, holds, typed edits, undos, saves and reopens: nothing drifts, nothing is lost.

Two stores on two platforms and three categories; after every action the book's own sheets add
up at every level: store, company, week, month, quarter, year, category and platform.
"""

from __future__ import annotations

import os
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.actions.openbook import STORES, OpenBook, first_book
from xlplan.actions.change.changing import spread
from xlplan.actions.change.holding import hold, release
from xlplan.actions.change.typed_edits import edits
from xlplan.actions.change.versions import version
from xlplan.actions.imports.importing import import_all, import_daily
from xlplan.actions.plan.fill import fill
from xlplan.actions.stores.collect import collect
from xlplan.actions.stores.distribute import distribute
from xlplan.actions.undo.history import base_of, log, replayed
from xlplan.actions.undo.undoing import redo, undo
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.errors import PlanError
from xlplan.plan.change.grid import Grid
from xlplan.plan.change.holds import moved
from xlplan.plan.parts.splits import own_shares
from xlplan.sheets.history.page import DONE
from xlplan.sheets.month.typed_plan import typed_cells
from xlplan.sheets.parts.page import CATEGORIES, PLATFORMS
from xlplan.sheets.state.read import read_state

WHERE = st.sampled_from(["", *STORES, "天猫*"])
PERIODS = st.sampled_from(["全年", "Q3", "9月", "第37周", "9月9日", "8月20日-9月5日"])
METRICS = st.sampled_from(["销售额", "UV", "推广费", "笔数", "转化率"])
PARTS = st.sampled_from([{"category": "女装"}, {"category": "童装"}, {"platform": "京东"}])
KEEPS = st.sampled_from(["", "", "月", "年"])
TODAY = date(2026, 9, 9)
WISHES = st.sampled_from(["+8%", "-5%", "*1.1", "+1000", "=30000", "=9万 平均"])


class Machine(RuleBasedStateMachine):
    @initialize()
    def start(self):
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "计划.xlsx"
        path.write_bytes(first_book())
        self.book = OpenBook(path)
        self.first, self.handed = self.book.values(), {}
        self.look()
        self.fresh = True

    def look(self):
        self.read = read_state(self.book)
        self.state = self.read.state

    def act(self, action, *, locks_may_go=False):
        before, there = self.state, self.book.values()
        try:
            action(self.book)
        except PlanError as refusal:
            assert refusal.message  # noqa: PT017 - the refusal is the expected other outcome
            assert self.book.values() == there
            return
        self.look()
        if not locks_may_go:
            assert moved(before.year, self.state.year, before.holds) == []
            assert [h for h in before.holds if h not in self.state.holds] == []
        self.fresh = True

    @rule(metric=METRICS, store=WHERE, period=PERIODS, to=WISHES, keep=KEEPS)
    def change(self, metric, store, period, to, keep):
        self.act(
            lambda book: spread(book, metric=metric, store=store, period=period, to=to, keep=keep)
        )

    @rule(part=PARTS, store=WHERE, period=PERIODS, to=WISHES, keep=KEEPS)
    def change_a_part(self, part, store, period, to, keep):
        self.act(lambda book: spread(book, **part, store=store, period=period, to=to, keep=keep))

    @rule(metric=METRICS, store=WHERE, period=PERIODS, kind=st.sampled_from(["只读", "合计"]))
    def lock(self, metric, store, period, kind):
        self.act(lambda book: hold(book, metric=metric, store=store, period=period, kind=kind))

    @rule()
    def keep_a_version(self):
        self.act(lambda book: version(book, do="snapshot", name="一稿"))

    @rule()
    def put_a_version_back(self):
        self.act(lambda book: version(book, do="restore", name="一稿"))

    @rule()
    def compare_with_a_version(self):
        self.act(lambda book: version(book, do="compare", name="一稿"))

    @rule()
    def take_actuals_in(self):
        self.act(lambda book: import_daily(book, as_of=TODAY))

    @rule(value=st.sampled_from(["800.5", "1200"]))
    def take_an_export_in(self, value):
        export = Path(self.folder.name) / "日报.csv"
        export.write_text(f"日期,支付金额,访客数\n2026-03-01,{value},70\n2026-03-02,,71\n", "utf-8-sig")  # fmt: skip
        self.act(lambda book: import_all(book, [export], store=STORES[0], as_of=TODAY))

    @rule()
    def hand_out(self):
        self.act(self._hand_out)

    def _hand_out(self, book):
        told = distribute(book, stores=[STORES[0]], months=[9]).facts
        self.handed |= {Path(file): Path(file).read_bytes() for file in told["files"]}

    @rule(value=st.sampled_from([61.0, 62.0]))
    def staff_fill_theirs(self, value):
        there = [path for path in self.handed if path.exists()]
        if there:
            copy = FileBook(there[-1])
            cells = copy.read("日报")
            column = next(spot[1] for spot, seen in cells.items() if seen.value == "uv")
            row = next(spot[0] for spot, seen in cells.items() if seen.value == date(2026, 9, 2))
            copy.write({"日报": {(row, column): Cell(value)}})
            copy.save()

    @rule()
    def collect_theirs(self):
        there = [path for path in self.handed if path.exists()]
        self.act(lambda book: collect(book, there, as_of=TODAY))

    @rule()
    def put_formulas_back(self):
        self.act(lambda book: edits(book, put_back=True))

    @rule()
    def unlock(self):
        self.act(lambda book: release(book, id="全部"), locks_may_go=True)

    @rule(value=st.sampled_from([0, 12345.67, "+8%", "=2万"]))
    def type_over(self, value):
        at = self.read.at.book.months[9]
        spot = at.rows["gmv_target"], at.columns["d:2026-09-09"]
        self.book.write({"9月": {spot: Cell(value)}})
        self.act(lambda book: edits(book, accept=True))
        if typed_cells(self.read):
            self.erase_what_was_typed()
            self.look()

    def erase_what_was_typed(self):
        """Take typing back as its author would: what was typed before an undo stands again."""
        read = read_state(self.book)
        for each in typed_cells(read):
            sheet, spot = each.cell.sheet, each.cell.spot
            value = Grid(read.state.year).total(each.cell.region)
            self.book.write({sheet: {spot: Cell(value, self.first[sheet, spot][1])}})

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
        assert self.book.values() == there
        self.look()

    @invariant()
    def every_figure_is_whole_units_and_not_negative(self):
        if getattr(self, "fresh", False):
            self.fresh = False
            self.adds_up_on_every_sheet()
            metrics = self.state.year.metrics
            for name, column in self.state.year.plan.items():
                values = column.dropna().to_numpy()
                units = values / (metrics[name].unit.step or 0.01)
                assert np.abs(units - np.rint(units)).max(initial=0) < 1e-4
                assert values.min(initial=0) >= 0

    def adds_up_on_every_sheet(self):
        """Sum what the sheets say, in fen or pieces, level by level."""
        read, months = self.read, range(1, 13)
        year, at = read.state.year, read.at.book
        typed = {(t.cell.sheet, t.cell.spot): Grid(year).total(t.cell.region) for t in typed_cells(read)}  # fmt: skip

        def units(sheet, row, columns):
            cells = read.cells[sheet]
            found = (typed.get((sheet, (row, c)), cells[row, c].value) for c in columns)
            return sum(round((value or 0) * 100) for value in found)

        table = year.planned
        for name in year.plan.columns:
            company = np.rint(np.nan_to_num(table.of_scope("合计")[name]) * 100)
            each = [np.rint(np.nan_to_num(table.of_scope(s)[name]) * 100) for s in STORES]
            assert (company == sum(each)).all()
        for name in ("gmv", "uv", "orders", "spend"):
            row, columns = at.year.rows[f"{name}_target"], at.year.columns
            whole = units("年度规划", row, [columns["y"]])
            assert whole == units("年度规划", row, [columns[f"q:{q}"] for q in range(1, 5)])
            assert whole == units("年度规划", row, [columns[f"m:{m}"] for m in months])
        for month in months:
            where = at.months[month]
            for name in ("gmv", "uv", "orders"):
                row, kinds = where.rows[f"{name}_target"], {"d": [], "w": [], "m": []}
                for key, column in where.columns.items():
                    kinds.get(key[0], []).append(column)
                totals = {units(where.sheet, row, columns) for columns in kinds.values()}
                assert totals == {
                    units(
                        "年度规划", at.year.rows[f"{name}_target"], [at.year.columns[f"m:{month}"]]
                    )
                }
        split = read.at.split
        for key in [*(f"m:{m}" for m in months), "y"]:
            column = [split.columns[key]]
            parts = [units("品类平台", split.rows[f"c:{c}"], column) for c in range(CATEGORIES)]
            sides = [units("品类平台", split.rows[f"p:{p}"], column) for p in range(PLATFORMS)]
            nests = [
                sum(units("品类平台", split.rows[f"n:{c}:{p}"], column) for p in range(PLATFORMS))
                for c in range(CATEGORIES)
            ]
            assert sum(parts) == sum(sides) == units("品类平台", split.rows["target"], column)
            assert nests == parts

    def teardown(self):
        if hasattr(self, "book"):
            with self.folder:
                self.replays_and_leads_back()

    def replays_and_leads_back(self):
        assert log(self.book, verify=True).problems == []
        state = read_state(self.book).state
        again = replayed(base_of(state), state)
        assert again.year.plan.equals(state.year.plan)
        assert again.year.actuals.equals(state.year.actuals)
        assert list(again.holds) == list(state.holds)
        assert list(again.versions) == list(state.versions)
        assert own_shares(again.splits) == own_shares(state.splits)
        assert list(again.splits.agreements) == list(state.splits.agreements)
        for _ in [entry for entry in state.journal if entry.state == DONE]:
            undo(self.book)
        self.erase_what_was_typed()
        assert self.book.values() == self.first
        for path, given in self.handed.items():
            assert not path.exists() or path.read_bytes() != given


TestMachine = Machine.TestCase
#: ``XLPLAN_HISTORIES=60`` walks that many long histories instead (see CONTRIBUTING.md).
LONG = int(os.environ.get("XLPLAN_HISTORIES", "0"))
TestMachine.settings = settings(
    max_examples=LONG or 3,
    stateful_step_count=30 if LONG else 7,
    derandomize=not LONG,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
