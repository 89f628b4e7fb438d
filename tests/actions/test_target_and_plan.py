"""One truth: target and plan are equal, or both are shown with the two ways to settle it."""

from __future__ import annotations

from shutil import copyfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlplan.actions.change.changing import spread
from xlplan.actions.plan.check import check
from xlplan.actions.plan.fill import fill
from xlplan.actions.plan.newbook import Typed, new_from
from xlplan.actions.plan.reconcile import reconcile
from xlplan.actions.undo.undoing import redo, undo
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.errors import InfeasibleError, PlanError
from xlplan.sheets.base.names import TARGETS
from xlplan.sheets.state.read import read_state

STORES = ["甲店", "乙店"]
GMV = {store: f"t:{store}|gmv" for store in STORES}


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    (folder / "目标.csv").write_text(
        "店铺,指标,全年,3月\n甲店,销售额,3000000,300000\n甲店,UV,600000,\n乙店,销售额,1000000,\n",
        "utf-8-sig",
    )
    new_from(folder / "计划.xlsx", Typed(2027, folder / "目标.csv", STORES))
    return folder / "计划.xlsx"


@pytest.fixture
def path(bare, tmp_path):
    return copyfile(bare, tmp_path / "计划.xlsx")


def shown(path):
    """Row key → what 年度目标 shows of target and plan."""
    read = read_state(FileBook(path))
    at, cells = read.at.targets, read.cells[TARGETS]
    found = {key: cells.get((row, at.columns["apart"])) for key, row in at.rows.items()}
    return {key: str(seen.value) for key, seen in found.items() if seen and seen.value}


def told(path):
    return [p for p in check(FileBook(path)).problems if p.rule == "目标与计划"]


def test_a_fresh_plan_comes_to_its_targets(path):
    assert shown(path) == {}
    assert told(path) == []


def test_ten_percent_more_for_the_company_are_shown_at_every_store(path):
    outcome = spread(FileBook(path), period="全年", to="+10%")
    assert "目标 3,000,000 / 计划 3,300,000（+10.0%）" in shown(path)[GMV["甲店"]]
    assert "目标 1,000,000 / 计划 1,100,000（+10.0%）" in shown(path)[GMV["乙店"]]
    assert "3月 目标 300,000 / 计划" in shown(path)[GMV["甲店"]]
    assert any("目标 3,000,000 / 计划 3,300,000" in p.what for p in outcome.problems)
    assert any("目标 3,000,000 / 计划 3,300,000" in p.what for p in told(path))
    assert all(word in shown(path)[GMV["甲店"]] for word in ("以计划为准", "放弃手工调整"))


def test_by_the_plan_the_targets_are_written_up_and_the_plan_stays(path):
    spread(FileBook(path), period="全年", to="+10%")
    plan = read_state(FileBook(path)).state.year.plan
    assert reconcile(FileBook(path), to_plan=True).changed == 0
    reconcile(FileBook(path), to_plan=True, write=True)
    state = read_state(FileBook(path)).state
    assert state.typed.values[GMV["甲店"], "value"] == 3_300_000
    assert state.year.plan.equals(plan)
    assert (shown(path), told(path)) == ({}, [])
    fill(FileBook(path))
    assert read_state(FileBook(path)).state.year.plan["gmv"].sum() == pytest.approx(4_400_000)
    assert shown(path) == {}


def test_by_the_targets_the_plan_goes_back(path):
    spread(FileBook(path), period="全年", to="+10%")
    fill(FileBook(path), fresh=True)
    assert (shown(path), told(path)) == ({}, [])
    assert read_state(FileBook(path)).state.year.plan["gmv"].sum() == pytest.approx(4_000_000)


def test_a_locked_target_is_not_written_over(path):
    book = FileBook(path)
    at = read_state(book).at.targets
    book.write({TARGETS: {(at.rows[GMV["甲店"]], at.columns["locked"]): Cell("√")}})
    book.save()
    spread(FileBook(path), store="甲店", period="全年", to="+10%")
    with pytest.raises(InfeasibleError, match="甲店·销售额"):
        reconcile(FileBook(path), to_plan=True, write=True)


@st.composite
def steps(draw):
    """A change of any level, a target typed anew, a fill, a settling, a step back or forward."""
    kind = draw(st.sampled_from(["spread", "spread", "type", "fill", "fresh", "plan", "undo", "redo"]))  # fmt: skip
    store = draw(st.sampled_from(["", *STORES]))
    period = draw(st.sampled_from(["全年", "一季度", "3月", "9月", "3月8日"]))
    amount = draw(st.sampled_from(["+10%", "-5%", "*1.2", "=20万"]))
    return kind, store, period, amount, draw(st.sampled_from([2_000_000, 3_000_000]))


def walk(path, step):
    kind, store, period, amount, target = step
    book = FileBook(path)
    if kind == "spread":
        spread(book, store=store, period=period, to=amount)
    elif kind == "type":
        at = read_state(book).at.targets
        book.write({TARGETS: {(at.rows[GMV["甲店"]], at.columns["value"]): Cell(target)}})
        book.save()
        fill(FileBook(path))
    elif kind in ("fill", "fresh"):
        fill(book, fresh=kind == "fresh")
    elif kind == "plan":
        reconcile(book, to_plan=True, write=True)
    else:
        (undo if kind == "undo" else redo)(book)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(steps(), min_size=2, max_size=4))
def test_after_any_steps_target_and_plan_are_equal_or_both_are_shown(bare, tmp_path, walked):
    path = copyfile(bare, tmp_path / "计划.xlsx")
    for step in walked:
        try:
            walk(path, step)
        except PlanError:
            continue
        state, texts = read_state(FileBook(path)).state, shown(path)
        for store in STORES:
            gmv = state.year.plan["gmv"].xs(store)
            totals = {"value": gmv.sum()} | {f"m:{m}": gmv[gmv.index.month == m].sum() for m in range(1, 13)}  # fmt: skip
            for column, planned in totals.items():
                target = state.typed.values.get((GMV[store], column))
                if target is not None and abs(target - planned) >= 0.005:
                    text = texts[GMV[store]]
                    assert f"目标 {target:,.0f} / 计划 {planned:,.0f}" in text or f"{planned:,.2f}" in text  # fmt: skip
            if all(state.typed.values.get((GMV[store], c)) in (None, round(v, 2)) for c, v in totals.items()):  # fmt: skip
                assert GMV[store] not in texts
