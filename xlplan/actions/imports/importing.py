"""导入实际: rows of 日报 and export files become actuals, each knowing where it came from."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from xlplan.actions.imports.confirming import Sure, confirm, doubts
from xlplan.actions.imports.databases import Before
from xlplan.actions.imports.gather import BEIJING, Wanted, gather, gather_sql
from xlplan.actions.imports.lastyear import last_year_taken, split_last_year
from xlplan.actions.imports.report import Report, Taken
from xlplan.actions.plan.fill import audit_read
from xlplan.actions.plan.targets import findings_of
from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome
from xlplan.actions.run.outside import legible_problems
from xlplan.cells import address
from xlplan.errors import InputError, Level, PlanError, Problem, Where, worst_first
from xlplan.plan.actuals import merge_findings
from xlplan.plan.actuals.contributions import upsert
from xlplan.plan.actuals.merge import FINANCE, immature, merge_year, staff_rows, unknown_names
from xlplan.plan.actuals.merge_findings import Limits, accept
from xlplan.plan.actuals.origins import origin_texts
from xlplan.plan.cards.card import PREFIX, card_from, card_texts
from xlplan.record import replace
from xlplan.sheets.base import names
from xlplan.sheets.base.places import Overlaid
from xlplan.sheets.cards.sheet import LINES
from xlplan.sheets.daily import page as daily_page
from xlplan.sheets.links.page import FILE, LINKS, LINKS_SHEET, declared_links, more_links
from xlplan.sheets.mapping import page as mapping_page
from xlplan.sheets.mapping.page import read_mappings
from xlplan.sheets.state.read import read_state
from xlplan.sheets.targets import page as targets_page
from xlplan.sources import load_mapping
from xlplan.sources.sql.config import load_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.actions.imports.gather import Gathered
    from xlplan.cells import Book
    from xlplan.plan.actuals.contributions import Batch
    from xlplan.plan.actuals.merge import Merged
    from xlplan.plan.year import Year
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.state.read import BookRead
    from xlplan.sources import Source


#: Nobody says that anything is right.
NOBODY = Sure()


def import_all(  # noqa: PLR0913  # the options of one command
    book: Book,
    paths: Iterable[str | Path] = (),
    *,
    folder: str | Path | None = None,
    store: str | None = None,
    dry_run: bool = False,
    as_of: date | None = None,
    confirmed: bool = False,
    sql: Iterable[str | Path] = (),
    mappings: Iterable[str | Path] = (),
    sure: Sequence[str] | str = (),
    why: str = "",
    since: date | None = None,
    full: bool = False,
    no_sql: bool = False,
) -> Outcome:
    """Take in the rows staff typed and what is given; running it again changes nothing.

    Args:
        book: The plan book.
        paths: Export files, or folders of them.
        folder: One more folder.
        store: Store of files that do not name theirs.
        dry_run: Only say what would change.
        as_of: The last day that can have actuals; today in Beijing by default.
        confirmed: The figures are finance's and stand before all others.
        sql: Declarations of databases or folders of order lines, instead of those on 数据连接.
        mappings: Declarations of exports, asked before 导入映射 and what is known.
        sure: Days (``店名 2026-09-03``) whose figures were asked about and are right.
        why: The reason for that.
        since: Read databases from this day on; None: the days that may have changed.
        full: Read databases whole.
        no_sql: Leave the databases on 数据连接 out.
    """
    book.tell("正在读取计划表…")
    read, closed, as_of = read_state(book), None, as_of or today()
    _require_known(store, read.state.year)
    if confirmed:
        paths, read, closed = _by_account(book, read, list(paths), dry_run=dry_run)
        if closed and not (paths or folder or sql):
            return closed
    own = tuple(load_mapping(path) for path in mappings)
    wanted, odd = _wanted(book, read, own, store or "", confirmed=confirmed)
    found = _gathered(book, [*paths, *([folder] if folder else [])], wanted)
    before = before_databases(read, as_of, since, full=full)
    _databases(book, read, [] if no_sql and not sql else [*sql] or None, (wanted, found, before))
    found.problems += (*odd, *unused(own, found.batches))
    outcome = take(book, read, found, as_of=as_of, dry_run=dry_run, sure=_sure(sure, why))
    return _together(closed, outcome) if closed else outcome


def _wanted(
    book: Book, read: BookRead, own: Sequence[Source], store: str, *, confirmed: bool
) -> tuple[Wanted, Sequence[Problem]]:
    """Return what is known of files before they are read, and what 导入映射 says that means nothing."""
    said = read_mappings(read.cells.get(mapping_page.SHEET, {}), book.name)
    known = (*own, *said.sources), said.scenes, said.prefixes
    year = read.state.year
    return Wanted(year.stores, year.year, store, confirmed, book.name, *known), said.problems


def _sure(days: Sequence[str] | str, why: str) -> Sure:
    return Sure((days,) if isinstance(days, str) and days else tuple(days), why)


def _gathered(book: Book, paths: Sequence[str | Path], wanted: Wanted) -> Gathered:
    if paths:
        book.tell("正在读取导出文件…")
    return gather(paths, wanted)


def _databases(
    book: Book,
    read: BookRead,
    declared: Sequence[str | Path] | None,
    at: tuple[Wanted, Gathered, Before],
) -> None:
    """Read the databases that are declared; None reads those on 数据连接."""
    if declared is None:
        _linked(book, read, *at)
        return
    wanted, found, before = at
    for source in map(load_sql, declared):
        book.tell(f"正在数据库里汇总 {source.file.name}…")
        gather_sql(source, wanted, found, before)
        found.links.insert(0, (source.name, FILE, beside(book, source.file), "", ""))


def _linked(book: Book, read: BookRead, wanted: Wanted, found: Gathered, before: Before) -> None:
    """Read what 数据连接 names; a database that does not answer keeps nothing else from coming in."""
    links = declared_links(read, Path(getattr(book, "path", None) or book.name))
    found.problems += links.problems
    for source in links.sources:
        book.tell(f"正在数据库里汇总 {source.name}…")
        try:
            gather_sql(source, wanted, found, before)
        except PlanError as error:
            where = Where("", LINKS_SHEET)
            what = f"连接「{source.name}」没有取到：{error.message}"
            found.problems.append(Problem(where, what, Level.ERROR, error.remedy, "link"))


def beside(book: Book, file: Path) -> str:
    """Return how a file is written beside a plan book: from its folder, else with its whole path."""
    place = getattr(book, "path", None)
    if place is not None:
        with suppress(ValueError):
            return file.resolve().relative_to(Path(place).resolve().parent).as_posix()
    return str(file.resolve())


def before_databases(
    read: BookRead, as_of: date, since: date | None = None, *, full: bool = False
) -> Before:
    """Return what a book knows of its databases before they are read."""
    state = read.state
    days = state.year.settings.maturity_days
    return Before(state.sources, state.meta, days, as_of, since, full)


def _by_account(
    book: Book, read: BookRead, paths: Sequence[str | Path], *, dry_run: bool
) -> tuple[list[str | Path], BookRead, Outcome | None]:
    """Take finance's files by account in; return what is left to import and the book since."""
    from xlplan.actions.budget.closing import close_months, split_finance

    others, found = split_finance(read, paths)
    if not found:
        return others, read, None
    outcome = close_months(book, read, found, dry_run=dry_run)
    return others, read_state(book) if outcome.changed else read, outcome


def _together(first: Outcome, second: Outcome) -> Outcome:
    """Return two steps as one outcome."""
    second.lines = [*first.lines, *second.lines]
    second.problems = [*first.problems, *second.problems]
    second.facts = {**first.facts, **second.facts}
    second.changed += first.changed
    return second


def _require_known(store: str | None, year: Year) -> None:
    if store and store not in year.stores:
        raise InputError(f"店铺“{store}”不在本计划里", f"店铺是：{'、'.join(year.stores)}")


def unused(own: Iterable[Source], batches: Iterable[Batch]) -> list[Problem]:
    """Say which of the mapping files given fitted none of the files."""
    used = {batch.source.removeprefix(f"{FINANCE}:") for batch in batches}
    return [
        Problem(Where(), f"映射「{source.name}」没有一个文件用上", Level.WARNING, f"文件里要有这些列：{'、'.join(source.needs)}", "mapping_unused")
        for source in own if source.key not in used
    ]  # fmt: skip


def import_files(  # noqa: PLR0913  # as import_all
    book: Book,
    paths: Iterable[str | Path],
    *,
    store: str | None = None,
    dry_run: bool = False,
    as_of: date | None = None,
    confirmed: bool = False,
) -> Outcome:
    """Take in export files and folders (and the rows of 日报 with them); see `import_all`."""
    return import_all(book, paths, store=store, dry_run=dry_run, as_of=as_of, confirmed=confirmed)


def import_daily(book: Book, *, dry_run: bool = False, as_of: date | None = None) -> Outcome:
    """Take in the rows that staff typed on 日报."""
    return import_all(book, dry_run=dry_run, as_of=as_of)


def today() -> date:
    """Return today's date in Beijing, where the shops are."""
    return datetime.now(BEIJING).date()


def take(  # noqa: PLR0913  # what one import is
    book: Book, read: BookRead, found: Gathered, *, as_of: date, dry_run: bool, sure: Sure = NOBODY
) -> Outcome:
    """Merge what was gathered into the book that was read, write it unless `dry_run`, report."""
    taken = replace(merged_state(read, found, as_of, sure), starter=found.starter)
    report = Report(read.state.year.actuals, taken)
    changed = 0 if dry_run else apply(book, read, taken.after, report.log())
    return outcome_of(report, changed, dry_run=dry_run)


def outcome_of(report: Report, changed: int, *, dry_run: bool = False) -> Outcome:
    """Return what an import says of itself."""
    title = "导入预览：没有写入" if dry_run else "导入完成" if changed else "没有变化"
    problems = [*report.taken.standing, *report.taken.passing]
    lines, facts = report.lines(dry_run), report.facts(dry_run)
    return Outcome(title, lines, problems, facts, changed, left_out=report.taken.left_out)


def merged_state(read: BookRead, found: Gathered, as_of: date, sure: Sure = NOBODY) -> Taken:
    """Return what the book should say once the gathered batches are in it.

    Raises:
        InputError: What is confirmed was not asked (`confirming.confirm`).
    """
    before = read.state
    limits = Limits(before.year.stores, before.year.year, as_of)
    of_this_year, past = split_last_year(found.batches, limits)
    batches, refused = _accepted(of_this_year, limits)
    upserted = upsert(before.sources, [batch.rows() for batch in batches])
    staff, early = _staff(read, limits)
    facts, cards, told = _with_cards(before, upserted.rows)
    merged = merge_year(facts, staff, before.year)
    year = replace(before.year, actuals=merged.actuals)
    keys, confirmed = confirm(year, before.meta, sure)
    said = {**before.meta, **keys, **found.marks}
    findings = audit_read(read)
    standing = legible_problems([
        *_not_understood(read), *findings, *year.calendar.problems, *_settings(read), *found.problems,
        *refused, *early, *merge_findings.gaps(facts, batches, _closed(year.calendar.days)),
        *merge_findings.disputes(merged, _finder(read)), *merge_findings.folded(merged),
        *doubts(year, said, _source_finder(merged, _finder(read))),
    ])  # fmt: skip
    passing = [
        *told,
        *merge_findings.dropped(before.sources, batches),
        *merge_findings.changes(upserted),
    ]
    typed = replace(before.typed, findings=findings_of(findings, read.at.targets.rows))
    texts = origin_texts(merged.origins, upserted.rows, merged.actuals)
    after = replace(
        before,
        year=year,
        typed=typed,
        sources=upserted.rows,
        origins=texts,
        meta=said,
        own=_with_links(cards, found),
    )
    typed_wrong = read.problems_of(daily_page.SHEET)
    recalled = last_year_taken(after, past)
    problems = worst_first([*standing, *legible_problems(recalled.problems)])
    after = replace(recalled.state, problems=problems)
    left_out = errors_among([*found.problems, *refused, *early, *typed_wrong])
    return Taken(
        after, merged, upserted, batches, problems, legible_problems(passing), "", left_out,
        confirmed, [*found.told, *recalled.lines],
    )  # fmt: skip


def _with_links(own: Mapping[str, Any], found: Gathered) -> Mapping[str, Any]:
    """Return what sheets keep of their own, with the databases that were read and are not listed."""
    if not found.links:
        return own
    return Overlaid(own, {LINKS: more_links(own.get(LINKS, {}), found.links)})


def _with_cards(
    before: BookState, rows: pd.DataFrame
) -> tuple[pd.DataFrame, Mapping[str, Any], list[Problem]]:
    """Return the contributions of metrics, what sheets keep once cards have theirs, and what is said."""
    if not any(str(name).startswith(PREFIX) for name in rows.columns):
        return rows, before.own, []
    from xlplan.plan.cards.imported import apart, taken_in

    facts, mine = apart(rows)
    cards, told = taken_in([card_from(one) for one in before.own.get(LINES, ())], mine)
    return facts, Overlaid(before.own, {LINES: [card_texts(one) for one in cards]}), told


def errors_among(problems: Iterable[Problem]) -> int:
    """Return how many findings are errors."""
    return sum(problem.level is Level.ERROR for problem in problems)


def _not_understood(read: BookRead) -> list[Problem]:
    """Return what on the sheets that an import reads is odd, and what stands said of others."""
    others = [one for one in read.state.problems if one.where.sheet in (names.HOLDS, names.AGREED)]
    return read.problems_of(names.TARGETS, names.DAYS, names.EVENTS, names.DAILY) + others


def _accepted(batches: Iterable[Batch], limits: Limits) -> tuple[list[Batch], list[Problem]]:
    kept, problems = [], []
    for batch in batches:
        accepted, refused = accept(batch, limits)
        problems += refused
        if len(accepted.frame):
            kept.append(accepted)
    return kept, problems


def _staff(read: BookRead, limits: Limits) -> tuple[pd.DataFrame, list[Problem]]:
    """Return what staff typed up to the as-of day; later days are refused with their cells."""
    typed = read.state.daily
    late = [pair for pair, values in typed.items() if pair[1] > limits.as_of and set(values) - {daily_page.NOTE}]  # fmt: skip
    problems = []
    for store, day in sorted(late, key=lambda pair: read.at.daily.rows[pair]):
        what = f"{store} {day} 晚于 {limits.as_of}，还没有发生，没有计入"
        cell = address(read.at.daily.rows[store, day], read.at.daily.columns["date"])
        where = Where("", daily_page.SHEET, cell)
        problems.append(Problem(where, what, Level.ERROR, "请核对填在了哪一行", "future"))
    passed = {pair: values for pair, values in typed.items() if pair[1] <= limits.as_of}
    return staff_rows(passed), problems


def _finder(read: BookRead) -> merge_findings.Find:
    at = read.at.daily

    def find(store: str, day: date, metric: str) -> Where:
        row, column = at.rows.get((store, day)), at.columns.get(metric)
        cell = address(row, column) if row and column else ""
        return Where("", daily_page.SHEET, cell)

    return find


def _source_finder(merged: Merged, typed: merge_findings.Find) -> merge_findings.Find:
    """Return where a figure that stands comes from: its file, else its cell on 日报."""
    rows = merged.origins

    def find(store: str, day: date, metric: str) -> Where:
        here = (rows["store"] == store) & (rows["metric"] == metric)
        files = rows.loc[here & (rows["date"] == pd.Timestamp(day)), "file"]
        return (
            Where(str(files.iloc[0]))
            if len(files) and files.iloc[0]
            else typed(store, day, metric)
        )

    return find


def _settings(read: BookRead) -> list[Problem]:
    """Name what stands in 以店员为准的指标 and is no metric."""
    settings = read.state.year.settings
    where = Where("", targets_page.SHEET, address(*read.at.targets.setting("staff_first")))
    return [
        Problem(where, f"“{name}”不是指标名，没有采用", Level.WARNING, f"是不是“{near}”" if (near := settings.registry.suggest(name)) else "写月表里的行名", "设置")
        for name in unknown_names(settings)
    ]  # fmt: skip


def _closed(days: pd.DataFrame) -> Sequence[date]:
    return [day.date() for day in days.index[days["weight"] == 0]]


def immature_days(state: BookState) -> set[tuple[str, date]]:
    """Return the (store, day) pairs whose refunds are 未成熟 under the book's setting."""
    year = state.year
    return immature(year.actuals, year.as_of, year.settings.maturity_days)
