"""A file → an `Extract`: tables, declarations, facts, and what two tables say differently."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from xlplan.errors import FileError, Level, Problem, Where
from xlplan.metrics import METRICS, Add, normal
from xlplan.metrics.money import HALF_CENT
from xlplan.record import record
from xlplan.regex import regex
from xlplan.sources.declare import Options, Source, names, split_unit
from xlplan.sources.exports import SOURCES
from xlplan.sources.exports.generic import DATE, guess
from xlplan.sources.extract import Extract, Part, Provenance, empty_frame, extract_sheets
from xlplan.sources.filenames import collected_in_name, looks_like_store, words_in_name
from xlplan.sources.findings import Findings
from xlplan.sources.mapping import load_mapping
from xlplan.sources.readers.containers import BROKEN
from xlplan.sources.readers.unpack import tables
from xlplan.sources.records import Sheet, locate
from xlplan.sources.shape.straight import Straightener, date_titles
from xlplan.sources.starter import has_figures, header_row, starter
from xlplan.sources.text import clean

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from xlplan.sources.readers.raw import Table

    Located = tuple[Source, int]
    PathLike = str | os.PathLike[str]

_DOWNLOADED = regex(r"(?:下载|导出|生成)时间[:：]\s*(\d{4}-\d{2}-\d{2} \d{2}:\d{2})")
#: Names of sheets that part one store's days: 上旬, 9月, 第36周, Sheet1.
_PERIOD = regex(
    r"\d|[一二三四五六七八九十][月周季]|[上中下][旬半]|^sheet|^表|汇总|日报|数据", re.IGNORECASE
)


def read(
    path: PathLike,
    *,
    store: str | None = None,
    year: int | None = None,
    mapping: PathLike | None = None,
    options: Options | None = None,
) -> Extract:
    """Read one export or hand-kept sheet into daily facts.

    Args:
        path: xlsx, xls, xlsb, ods, csv, html, or a zip of them, whatever its name says.
        store: Store for files that do not name theirs in a column.
        year: Year for dates written without one.
        mapping: TOML declaration for an export xlplan does not know (`load_mapping`).
        options: Further settings; the arguments above go over them.

    Returns:
        An extract; of an unknown file an empty one, whose problem says what was seen.

    Raises:
        FileError: The file cannot be read at all.
    """
    base = options or Options()
    told = replace(base, store=store or base.store, year=year or base.year)
    said = _Sources((load_mapping(mapping),), others=False) if mapping else _Sources()
    refused: list[FileError] = []
    return _read_tables(tables(path, refused), said, told, refused)


def read_many(
    paths: Iterable[PathLike],
    *,
    store: str | None = None,
    year: int | None = None,
    mappings: Sequence[Source] = (),
    options: Options | None = None,
) -> list[Extract]:
    """Read several files, one extract each, in order; a file that fails is an extract with its problem.

    What a mapping fits is read by it, all else by the known declarations.
    """
    told = options or Options()
    told = replace(told, store=store or told.store, year=year or told.year)
    said = _Sources(tuple(mappings))
    return [_read_or_report(path, said, told) for path in paths]


@record
class _Sources:
    """The declarations to try: the user's own first, then the known ones and the generic guess."""

    own: Sequence[Source] = ()
    others: bool = True

    def locate(self, table: Table) -> Located | None:
        found = locate(table, self.own)
        if found is None and self.others:
            found = locate(table, SOURCES) or guess(table)
        return found

    def straightener(self, options: Options, findings: Findings) -> Straightener:
        every = (*self.own, *SOURCES, Source(key="", name="", date=DATE))
        titles = date_titles(every if self.others else self.own)
        return Straightener(
            titles, lambda table: self.locate(table) is not None, options, findings
        )


def _read_or_report(path: PathLike, sources: _Sources, options: Options) -> Extract:
    refused: list[FileError] = []
    try:
        return _read_tables(tables(path, refused), sources, options, refused)
    except FileError as error:
        return Extract(empty_frame(), problems=[_problem(error, Path(path).name)])


def _problem(error: FileError, file: str) -> Problem:
    where = error.where if str(error.where) else Where(file)
    return Problem(where, error.message, Level.ERROR, error.remedy, error.code)


def _read_tables(
    found: Sequence[Table], sources: _Sources, options: Options, refused: Sequence[FileError]
) -> Extract:
    findings = Findings()
    tables = sources.straightener(options, findings).tables(found)
    located = [(table, sources.locate(table)) for table in tables]
    seen = _seen(located, findings)
    parts = _read_located(_with_stores(seen, options), options, findings)
    unknown = [table for table, at in located if at is None]
    if not parts:
        _report_unknown(unknown or tables, findings)
    else:
        _report_unknown_beside(unknown, findings)
    told = _by_source(parts, findings)
    frame = _fold(told, findings, "superseded")
    keys = "+".join(dict.fromkeys(part.about.source for part in parts))
    begun = "" if parts else next(filter(None, map(starter, tables)), "")
    problems = [*findings.problems(), *(_problem(error, "") for error in refused)]
    return Extract(frame, keys, problems, told, begun)


def _seen(located: Sequence[tuple[Table, Located | None]], findings: Findings) -> list[_Found]:
    """Return the tables that are read: hidden ones only when nothing else is there, and told."""
    known = [_Found(table, *at) for table, at in located if at]
    shown = [one for one in known if not one.table.hidden]
    for one in known:
        if one.table.hidden and shown:
            what = "这张工作表是隐藏的，没有读（别的表已经读了）"
            remedy = "要用它，请取消隐藏后重新导入"
            findings.warn(one.table.where(), what, "hidden_sheet", remedy=remedy)
        elif one.table.hidden:
            what = "这张工作表是隐藏的；看得见的表里没有认得的，所以读了它"
            findings.warn(one.table.where(), what, "hidden_sheet", remedy="请核对是不是要导入的数")
    return shown or known


class _Found(NamedTuple):
    """A table with the declaration that fits it and its header row."""

    table: Table
    source: Source
    row: int


def _with_stores(found: Sequence[_Found], options: Options) -> list[_Found]:
    """Let tables be about the store that their sheet or a title above them is named after.

    That is one of the stores there are; or, where several look like names of stores, each its own.
    """
    known = {normal(store): store for store in options.stores}
    said = [_names_around(one) for one in found]
    alike = [next(filter(looks_like_store, texts), "") for texts in said]
    several = len({name for name in alike if name}) > 1
    made = []
    for one, texts, name in zip(found, said, alike, strict=True):
        store = next((known[normal(text)] for text in texts if normal(text) in known), "")
        store = one.table.store or store or (name if several else "")
        made.append(one._replace(table=replace(one.table, store=store)))
    return made


def _names_around(found: _Found) -> list[str]:
    """Return what could name the store of a table: titles right above it, then its sheet."""
    rows = found.table.rows[: found.row]
    titles = [clean(cell) for row in rows for cell in row if isinstance(cell, str)]
    sheet = found.table.sheet.strip()
    return [*reversed(titles), sheet, *words_in_name(sheet)]


def _read_located(found: Sequence[_Found], options: Options, findings: Findings) -> list[Part]:
    """Read tables; blocks of one sheet that one declaration fits are read as one."""
    groups: dict[tuple[str, str, str, str], list[Sheet]] = {}
    for table, source, row in found:
        key = (source.key, table.file, table.sheet, table.store)
        groups.setdefault(key, []).append(Sheet(table, source, row, options, findings))
    return [_read_sheets(sheets) for sheets in groups.values()]


def _read_sheets(sheets: Sequence[Sheet]) -> Part:
    source, table, findings = sheets[0].source, sheets[0].table, sheets[0].findings
    if source.refuse:
        findings.warn(table.where(), source.refuse, "not_facts")
        return Part(empty_frame(), Provenance(source.key, source.name, table.file, table.sheet))
    if source.note:
        findings.info(table.where(), source.note, "note")
    for sheet in sheets:
        _report_broken_text(sheet)
        _report_rivals(sheet)
        if source.key == "generic":
            _report_unused(sheet)
    return extract_sheets(sheets, _time(sheets[0]))


def _report_rivals(sheet: Sheet) -> None:
    """Say where two columns name one metric and their figures differ: which one was taken."""
    for column in sheet.source.columns:
        if len(column.headers) < 2:
            continue
        found = [at for title in column.headers if (at := sheet.find(title))]
        for line in sheet:
            figures = {line.quiet_number(*at) for at in found} - {None}
            if len(figures) > 1:
                titles = [clean(sheet.table.at(sheet.header_row, at[0])) for at in found]
                label = METRICS[column.metric].label if column.metric in METRICS else "同一个指标"
                what = f"「{'」和「'.join(titles)}」都是{label}，数不同，用「{titles[0]}」"
                remedy = "要用另一列，请在“导入映射”里写明"
                where = line.where(found[0][0])
                sheet.findings.warn(where, what, "two_columns", remedy=remedy)
                break


def _report_broken_text(sheet: Sheet) -> None:
    broken = sum(
        isinstance(cell, str) and BROKEN in cell for row in sheet.table.rows for cell in row
    )
    if broken:
        what = f"有 {broken} 格含无法识别的字符（常见于被截断的表情符号）；若在数字里则该数不读"
        sheet.findings.warn(sheet.table.where(), what, "broken_text")


def _time(sheet: Sheet) -> dt.datetime | None:
    """Return when the platform made the file: its own preamble first, then its name."""
    for text in sheet.preamble():
        if said := _DOWNLOADED.search(text):
            return dt.datetime.fromisoformat(said[1])
    named = collected_in_name(sheet.table.file)
    return named[0] if named else None


def _by_source(parts: Sequence[Part], findings: Findings) -> tuple[Part, ...]:
    """Return one part per source and file, the sheets of a workbook put together."""
    groups: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        groups.setdefault((part.about.source, part.about.file), []).append(part)
    for members in groups.values():
        _report_joined(members, findings)
    return tuple(_together(members, findings) for members in groups.values())


def _report_joined(members: Sequence[Part], findings: Findings) -> None:
    """Say that sheets were taken for one store's whose names do not tell what parts them."""
    daily = [part for part in members if part.about.daily and len(part.frame)]
    names = [part.about.sheet for part in daily if not _PERIOD.search(part.about.sheet)]
    stores = [set(part.frame.index.get_level_values("store")) for part in daily]
    if len(set(names)) > 1 and set.intersection(*stores):
        what = f"「{'」「'.join(names)}」几张表合起来当成同一家店读了"
        remedy = "如果是不同的店，请把表名改成计划里的店铺名后重新导入"
        findings.warn(Where(daily[0].about.file), what, "joined_sheets", remedy=remedy)


def _together(members: Sequence[Part], findings: Findings) -> Part:
    if len(members) == 1:
        return members[0]
    if members[0].about.daily:
        members = _without_contradictions(members, findings)
    frame = _fold(members, findings, "two_tables")
    about = [part.about for part in members]
    days = dict.fromkeys(day for one in about for day in one.partial)
    places = {spot: at for one in reversed(about) for spot, at in one.places.items()}
    moments = [one.time for one in about if one.time]
    made = replace(
        about[0], columns=tuple(frame.columns), partial=tuple(days), places=places,
        time=max(moments, default=None),
    )  # fmt: skip
    return Part(frame, made)


def _without_contradictions(members: Sequence[Part], findings: Findings) -> list[Part]:
    """Return the parts without what two sheets of one file tell differently: neither can be believed."""
    stacked = pd.concat([part.frame for part in members])
    spread = stacked.groupby(level=["store", "date"]).agg(["min", "max"])
    torn: dict[str, pd.Index] = {}
    for metric in map(str, stacked.columns):
        apart = (spread[metric]["max"] - spread[metric]["min"]) > HALF_CENT
        if apart.any():
            torn[metric] = spread.index[apart]
            _, day = torn[metric][0]
            sheets = "、".join(
                f"「{part.about.sheet}」" for part in members if metric in part.frame
            )
            what = f"{sheets}里 {len(torn[metric])} 天的{METRICS[metric].label if metric in METRICS else metric}不同（第一天 {day:%Y-%m-%d}），都没有写入"
            remedy = "删去不要的一张表，或把表名改成店铺名后重新导入"
            about = members[-1].about
            findings.error(Where(about.file, about.sheet), what, "two_tables", remedy=remedy)
    kept = []
    for part in members:
        frame = part.frame.copy()
        for metric in torn.keys() & set(frame.columns):
            frame.loc[frame.index.isin(torn[metric]), metric] = float("nan")
        kept.append(part._replace(frame=frame))
    return kept


def _fold(parts: Sequence[Part], findings: Findings, rule: str) -> pd.DataFrame:
    """Return one frame: the trusted source first, then the later file; differences are told."""
    ordered = sorted(parts, key=lambda part: str(part.about.time or ""), reverse=True)
    frame = empty_frame()
    for part in sorted(ordered, key=lambda part: part.about.rank):
        _report_differences(frame, part, findings, rule)
        frame = frame.combine_first(part.frame)
    return frame.reindex(columns=sorted(frame.columns)).sort_index()


def _report_differences(frame: pd.DataFrame, part: Part, findings: Findings, rule: str) -> None:
    more, about = part
    rows, columns = frame.index.intersection(more.index), frame.columns.intersection(more.columns)
    if rows.empty or columns.empty:
        return
    apart = (frame.loc[rows, columns] - more.loc[rows, columns]).abs() > HALF_CENT
    if count := int(apart.to_numpy().sum()):
        where = Where(about.file, about.sheet)
        what = f"「{about.name}」有 {count} 个数与同一文件里更可信或更新的表不同，没有采用"
        findings.warn(where, what, rule)


def _report_unused(sheet: Sheet) -> None:
    used = {split_unit(name)[0] for column in sheet.source.columns for name in column.headers}
    used |= {split_unit(name)[0] for name in names(f"{sheet.source.date} | {sheet.source.store}")}
    titles = [clean(cell) for cell in sheet.table.rows[sheet.header_row]]
    unused = [title for title in titles if title and split_unit(title)[0] not in used]
    distinct = [title for title in unused if _is_distinct(title)]
    if distinct:
        what = f"{'、'.join(distinct)}：去重的数不能与每日的数相加，没有写入"
        sheet.findings.info(sheet.table.where(sheet.header_row), what, "not_daily")
    if unused := [title for title in unused if title not in distinct]:
        what = f"没有用到的列：{'、'.join(unused[:12])}"
        remedy = "比率由程序重算；其余的要用，请在“导入映射”里写明"
        where = sheet.table.where(sheet.header_row)
        sheet.findings.info(where, what, "unused_columns", remedy=remedy)


def _is_distinct(title: str) -> bool:
    metric = METRICS.find(title) or METRICS.find(split_unit(title)[0])
    return metric is not None and metric.add is Add.DISTINCT


def _report_unknown_beside(unknown: Sequence[Table], findings: Findings) -> None:
    """Name the tables that were not read beside those that were, as far as they hold figures."""
    for table in unknown:
        if table.hidden or not has_figures(table):
            continue
        what = f"不认识这张表，没有读。看到的列：{_titles(table)}"
        remedy = "要用它，请在“导入映射”表或映射文件里写明各列是什么"
        findings.warn(table.where(), what, "unknown_table", remedy=remedy)


def _titles(table: Table) -> str:
    titles = table.rows[header_row(table)] if table.rows else ()
    return "、".join(text for cell in titles[:12] if (text := clean(cell))) or "（空表）"


def _report_unknown(found: Sequence[Table], findings: Findings) -> None:
    """Say what was seen, and how it could be mapped."""
    for table in found[:5]:
        what = f"不认识这张表，没有写入。看到的列：{_titles(table)}"
        remedy = "需要一列日期和至少一列指标（如 访客数、支付金额）；别的列名请在“导入映射”表或映射文件里写明各是什么"
        findings.error(table.where(), what, "unknown_table", remedy=remedy)
