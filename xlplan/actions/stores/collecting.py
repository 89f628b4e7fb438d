"""One collection at work: from a book as read and files as read to the cells to write."""

from __future__ import annotations

from dataclasses import field
from datetime import date, datetime
from typing import TYPE_CHECKING

from xlplan.actions.stores.report import Told, new_report
from xlplan.actions.stores.screening import Expected, screen
from xlplan.actions.stores.store_merge import BY_CHOICE, OURS, Flat, Rules, merge_store
from xlplan.actions.stores.task_merge import merge_tasks
from xlplan.cells import Cell, address
from xlplan.errors import Level, Problem, StructureError, Where
from xlplan.metrics import Unit
from xlplan.plan.actuals.threeway import canon, same
from xlplan.record import draft
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.collect import collected
from xlplan.sheets.collect import page as collect_page
from xlplan.sheets.daily import page as daily_page
from xlplan.sheets.daily.page import NOTE, input_metrics, label_of
from xlplan.sheets.state.write import same as same_cell
from xlplan.sheets.stores.distribution import Distribution, read_distribution
from xlplan.sources.text import is_missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.actions.stores.returned import File
    from xlplan.actions.stores.store_merge import StoreMerge
    from xlplan.actions.stores.task_merge import TaskMerge
    from xlplan.cells import Spot
    from xlplan.plan.actuals.threeway import Value
    from xlplan.sheets.collect.collected import Copies
    from xlplan.sheets.collect.page import Detail, Report, ReportAt
    from xlplan.sheets.state.read import BookRead

#: (store, day, column key).
Place = tuple[str, date, str]


@draft
class Collecting:
    """One collection at work: what stood in the book, and what it should say."""

    read: BookRead
    report: Report
    at: ReportAt
    copies: Copies
    distribution: Distribution
    ours: dict[str, Flat]
    values: dict[Place, Value] = field(default_factory=dict)
    before: dict[Place, Value] = field(default_factory=dict)
    origin: dict[Place, str] = field(default_factory=dict)
    told: Told = field(default_factory=Told)
    back: TaskMerge | None = None

    @classmethod
    def of(cls, read: BookRead) -> Collecting:
        """Start from a plan book as read."""
        missing = [
            name for name in (collect_page.SHEET, collected.SHEET) if name not in read.cells
        ]
        if missing:
            what = f"这份计划表没有“{'、'.join(missing)}”，是旧版本生成的"
            raise StructureError(
                what, "请用现在的版本重新运行 xlplan new 生成", Where(sheet=missing[0])
            )
        stores = read.state.year.stores
        report, at = collect_page.read_report(read.cells[collect_page.SHEET], stores)
        return cls(
            read, report, at,
            collected.read_collected(read.cells[collected.SHEET]),
            read_distribution(read.state.meta),
            standing(read),
        )  # fmt: skip

    def inputs(self) -> dict[str, bool]:
        """Return the columns staff fill → True when never negative."""
        metrics = self.read.state.year.metrics
        return {name: metrics[name].unit is Unit.COUNT for name in input_metrics(metrics)}

    def carry_out_choices(self) -> None:
        """Do what was chosen on 收集报告, unless the book changed since."""
        for detail in self.report.details:
            if detail.result != collect_page.OPEN or not detail.choice:
                continue
            here = self.ours[detail.store].get(_key(detail))
            if not same(_value(detail.ours), here):
                self.told.problems.append(_moved(detail, here))
            elif detail.choice == collect_page.KEEP:
                detail.result, detail.note = collect_page.KEPT, BY_CHOICE
            elif self._only_adopted(detail):
                detail.result, detail.note = collect_page.ADOPTED, BY_CHOICE
                self._set(detail.store, _key(detail), _value(detail.theirs), detail.file)

        self.report.settle()

    def _only_adopted(self, detail: Detail) -> bool:
        """Return whether no other value was chosen for the same cell."""
        chosen = {
            canon(_value(other.theirs))
            for other in self.report.of(detail.store)
            if (other.day, other.metric, other.choice)
            == (detail.day, detail.metric, collect_page.ADOPT)
        }
        return len(chosen) == 1

    def merge_files(
        self, files: list[File], problems: list[Problem], prefer: str, *, recalled: bool = False
    ) -> None:
        """Merge what was read and renew the report."""
        year = self.read.state.year
        handed = {
            store: int(str(line.version or 0).partition(".")[0])
            for store, line in self.report.lines.items()
        }
        last = self.distribution
        expected = Expected(last.book, year.year, handed, last.recalled, recalled)
        for file in files:
            self._without_row(file)
        screened = screen(files, expected)
        self.told.problems += [*problems, *screened.problems]
        rules = Rules(prefer, self._choices(), lambda key: label_of(year, key))
        taken = [
            file
            for store, listed in screened.files.items()
            for file in listed
            if self._is_new(store, file)
        ]
        self.back = merge_tasks(self.read.state, taken, ours_first=prefer == OURS)
        self.told.problems += self.back.problems
        merges: dict[str, StoreMerge] = {}
        for store, listed in screened.files.items():
            made = merge_store(store, listed, self.ours[store], self.copies, rules)
            merges[store] = made
            if store in self.back.stores and made.line.state == collect_page.BLANK:
                made.line.state = collect_page.RETURNED  # its tasks, if no day of its 日报
            for key, (value, edition) in made.taken.items():
                self._set(store, key, value, edition.file.name)
        self.told.merges = merges
        if files or problems:
            self.report = new_report(self.report, merges, [*problems, *screened.problems])
        self.told.report = self.report

    def _is_new(self, store: str, file: File) -> bool:
        """Return whether a copy's tasks were not taken yet, nor those of a later edition."""
        known = self.copies.get((store, file.name))
        return known is None or (known.digest != file.digest and known.saved <= file.saved)

    def counts(self) -> dict[str, int]:
        """Return how many cells of 日报 get a first value, and how many another one."""
        corrected = sum(canon(value) is not None for value in self.before.values())
        return {"filled": len(self.values) - corrected, "corrected": corrected}

    def _without_row(self, file: File) -> None:
        """Leave days alone whose row is gone from the plan book's 日报."""
        if file.handout is None or file.said is None:
            return
        rows, store = self.read.at.daily.rows, file.handout.store
        lost = sorted(day for day in file.said.days if (store, day) not in rows)
        if lost and store in self.read.state.year.stores:
            what = f"总表“日报”里没有 {store} {lost[0]} 等 {len(lost)} 天的行，这些天没有收"
            problem = Problem(
                Where(file.name), what, Level.ERROR, "请在总表日报里恢复这些行", "缺行"
            )
            file.problems.append(problem)
            for day in lost:
                file.said.unread |= {(day, key) for key in file.said.days[day]}

    def _choices(self) -> dict[tuple[str, str, str, Value], str]:
        return {
            (d.store, d.day, d.metric, canon(_value(d.theirs, empty=False))): d.choice
            for d in self.report.details
            if d.choice
        }

    def _set(self, store: str, key: tuple[date, str], value: Value, file: str) -> None:
        where = (store, *key)
        self.before.setdefault(where, self.ours[store].get(key))
        self.ours[store][key] = value
        self.values[where], self.origin[where] = value, file

    def changes(self) -> dict[str, dict[Spot, Cell]]:
        """Return every cell to write but the log, by sheet; {} when nothing changes."""
        made = {
            daily_page.SHEET: self._daily(),
            collect_page.SHEET: self._differing(collect_page.SHEET, collect_page.report_cells(self.report, self.at)),
            collected.SHEET: collected.collected_cells(self.copies, self.read.cells[collected.SHEET]),
        }  # fmt: skip
        made = {sheet: cells for sheet, cells in made.items() if cells}
        self.told.cells = self._written()
        if made:
            said = (
                f"上次收集：{datetime.now().astimezone():%Y-%m-%d %H:%M} · {self.told.summary()}"
            )
            made.setdefault(collect_page.SHEET, {})[self.at.said] = Cell(said)
        return made

    def _written(self) -> list[dict[str, object]]:
        """Return the cells of 日报 that get another value, the replaced ones first."""
        labels = {key: label_of(self.read.state.year, key) for _, _, key in self.values}
        made: list[dict[str, object]] = [
            {"store": store, "date": str(day), "metric": key, "label": labels[key],
             "old": canon(self.before[store, day, key]), "new": canon(value), "file": self.origin[store, day, key]}
            for (store, day, key), value in self.values.items()
        ]  # fmt: skip
        return sorted(made, key=lambda cell: cell["old"] is None)

    def _daily(self) -> dict[Spot, Cell]:
        """Return the input cells; the results beside them follow when they are written."""
        at = self.read.at.daily
        return {
            (at.rows[store, day], at.columns[key]): Cell(None if canon(value) is None else value)
            for (store, day, key), value in self.values.items()
        }

    def _differing(self, sheet: str, wanted: Mapping[Spot, Cell]) -> dict[Spot, Cell]:
        there = self.read.cells[sheet]
        return {
            spot: cell for spot, cell in wanted.items() if not same_cell(there.get(spot), cell)
        }

    def log(self) -> list[LogRow]:
        """Return the log rows: the action, what each store filled, each value replaced."""
        first = LogRow(action="收集", note=self.told.summary())
        return [
            first,
            *self._fills(),
            *self._corrections(),
            *(self.back.rows if self.back else ()),
        ]

    def _fills(self) -> list[LogRow]:
        days: dict[tuple[str, str], list[date]] = {}
        for where, file in self.origin.items():
            if canon(self.before[where]) is None:
                days.setdefault((where[0], file), []).append(where[1])
        return [
            LogRow(sheet=daily_page.SHEET, store=store, note=f"新填 {len(listed)} 格（{min(listed)} 至 {max(listed)}），来自 {file}")
            for (store, file), listed in days.items()
        ]  # fmt: skip

    def _corrections(self) -> list[LogRow]:
        """Return one row per value replaced or cleared, with old and new."""
        at, year = self.read.at.daily, self.read.state.year
        rows = []
        for (store, day, key), value in self.values.items():
            old = self.before[store, day, key]
            if canon(old) is None:
                continue
            late = key in year.actuals and not _unknown(
                year.actuals.at[(store, day.isoformat()), key]
            )
            note = f"{'更正已导入的一天' if late else '更正'}，来自 {self.origin[store, day, key]}"
            cell = address(at.rows[store, day], at.columns[key])
            rows.append(LogRow(sheet=daily_page.SHEET, cell=cell, store=store, date=str(day), metric=label_of(year, key), old=_text(old), new=_text(value), note=note))  # fmt: skip
        return rows


def standing(read: BookRead) -> dict[str, Flat]:
    """Return what stands on 日报 by store; a cell that could not be read stands as its text."""
    state, at = read.state, read.at.daily
    found: dict[str, Flat] = {store: {} for store in state.year.stores}
    for (store, day), values in state.daily.items():
        found[store] |= {(day, key): value for key, value in values.items()}  # type: ignore[misc]
    inputs = {at.columns[name]: name for name in [*input_metrics(state.year.metrics), NOTE] if name in at.columns}  # fmt: skip
    pairs = {row: pair for pair, row in at.rows.items()}
    for (row, column), seen in read.cells[daily_page.SHEET].items():
        if column in inputs and row in pairs and not is_missing(seen.value):
            store, day = pairs[row]
            found[store].setdefault((day, inputs[column]), str(seen.value))
    return found


def _key(detail: Detail) -> tuple[date, str]:
    return date.fromisoformat(detail.day), detail.metric


def _value(value: object, *, empty: bool = True) -> Value:
    """Return a value as shown on the report: （空） is an empty cell unless `empty` is False."""
    if empty and value == collect_page.EMPTY:
        return None
    return value if isinstance(value, int | float | str) else None


def _moved(detail: Detail, here: Value) -> Problem:
    what = f"{detail.store} {detail.day} {detail.label}：选择之后总表又改成了 {_text(here)}，没有按选择写"
    return Problem(Where(detail.file, daily_page.SHEET, detail.cell), what, Level.WARNING, "请重新选择", "冲突")  # fmt: skip


def _text(value: Value) -> str:
    return (
        "空"
        if canon(value) is None
        else f"{value:.15g}"
        if isinstance(value, float)
        else str(value)
    )


def _unknown(value: object) -> bool:
    return bool(value != value)  # noqa: PLR0124 - NaN test
