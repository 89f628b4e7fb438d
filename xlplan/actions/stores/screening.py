"""Which returned files count: this book, this year, a known store, and no copy twice."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem, Where
from xlplan.record import draft, record
from xlplan.sheets.collect.collected import same_day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from xlplan.actions.stores.returned import File
    from xlplan.sheets.stores.handout import Handout


@record
class Expected:
    """What a returned file must belong to.

    Attributes:
        book: Id of the plan book.
        year: Its year.
        versions: Its stores, each with the number of the last distribution to it.
        recalled: Numbers of distributions that were taken back.
        take_recalled: Take their copies all the same.
    """

    book: str
    year: int
    versions: Mapping[str, int]
    recalled: Collection[int] = ()
    take_recalled: bool = False


@draft
class Screened:
    """Files to merge, by store, and what became of the others."""

    files: dict[str, list[File]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def screen(files: Iterable[File], expected: Expected) -> Screened:
    """Sort files by store; what does not belong here is refused by name."""
    made = Screened()
    seen: dict[str, str] = {}
    for file in files:
        if file.digest and file.digest in seen:
            made.problems.append(_copy(file, seen[file.digest]))
            continue
        seen[file.digest] = file.name
        refused = _refused(file, file.handout, expected) if file.handout else None
        if refused:
            made.problems.append(refused)
            continue
        made.problems += file.problems
        if file.handout is None or file.said is None:
            continue
        made.problems += _aged(file, file.handout, expected)
        _add(made, file, file.handout.store)
    for store, listed in made.files.items():
        if len(listed) > 1:
            names = "、".join(file.name for file in listed)
            what = f"{store} 交回了 {len(listed)} 份不同的表（{names}）：不冲突的内容都并入"
            made.problems.append(Problem(Where(listed[-1].name), what, Level.INFO, "", "多份"))
    return made


def _add(made: Screened, file: File, store: str) -> None:
    """Take a file unless an earlier one of the store says the same."""
    listed = made.files.setdefault(store, [])
    for other in listed:
        if _says_the_same(file, other):
            made.problems.append(_copy(file, other.name))
            return
    listed.append(file)


def _copy(file: File, first: str) -> Problem:
    what = f"与 {first} 内容相同（重复的副本），只收一份"
    return Problem(Where(file.name), what, Level.INFO, "可以删除副本", "重复文件")


def _says_the_same(a: File, b: File) -> bool:
    if a.handout is None or b.handout is None or a.said is None or b.said is None:
        return False
    if a.handout.version != b.handout.version or a.said.unread != b.said.unread:
        return False
    days = a.said.days.keys() | b.said.days.keys()
    return all(same_day(a.said.days.get(d, {}), b.said.days.get(d, {})) for d in days)


def _refused(file: File, handout: Handout, expected: Expected) -> Problem | None:
    if handout.year != expected.year:
        what = f"这是“{handout.store}”{handout.year} 年的表，总表是 {expected.year} 年，没有收"
        return Problem(Where(file.name), what, Level.ERROR, "请放入当年分发的文件", "年份")
    if handout.book != expected.book:
        what = f"这份“{handout.store}”的表不是由这份总表分发的，没有收"
        return Problem(Where(file.name), what, Level.ERROR, "请用分发它的那份总表收集", "总表不符")
    if handout.store not in expected.versions:
        what = f"店铺“{handout.store}”不在这份总表里，没有收"
        return Problem(Where(file.name), what, Level.ERROR, "请核对店铺名单", "店铺")
    if handout.version in expected.recalled and not expected.take_recalled:
        what = f"这份已撤回：第 {handout.version} 次分发（{handout.time}）撤销了，“{handout.store}”的这份没有收"
        remedy = "请门店改用最近分发的文件；一定要收，用“也收已撤回的”（collect --recalled）"
        return Problem(Where(file.name), what, Level.ERROR, remedy, "已撤回")
    return None


def _aged(file: File, handout: Handout, expected: Expected) -> list[Problem]:
    """Say when a copy is of another distribution than the last one; it still merges."""
    last = expected.versions[handout.store]
    if handout.version in expected.recalled:
        what = f"这份已撤回（第 {handout.version} 次分发），按要求收了，按它的底稿合并"
        return [Problem(Where(file.name), what, Level.WARNING, "请核对收进来的数", "已撤回")]
    if handout.version == last:
        return []
    if handout.version < last:
        what = f"这是第 {handout.version} 次分发的旧版（最近是第 {last} 次），按旧版的底稿合并"
        remedy = "请让门店改用最近分发的文件"
    else:
        what = f"这是第 {handout.version} 次分发的，总表只记得第 {last} 次"
        remedy = "总表可能是旧备份，请核对"
    return [Problem(Where(file.name), what, Level.WARNING, remedy, "版本")]
