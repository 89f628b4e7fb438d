"""From what was typed or selected to a part of the plan."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from itertools import product
from typing import TYPE_CHECKING

from xlplan.errors import InputError, Where
from xlplan.metrics import EDITED_RATIOS
from xlplan.plan.change.grid import Region
from xlplan.plan.change.holds import EVERYTHING, SPEND, label
from xlplan.plan.days.periods import Period, parse_period
from xlplan.plan.year import TOTAL
from xlplan.regex import regex
from xlplan.sheets.month.typed_plan import plan_cells

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from xlplan.cells import Spot
    from xlplan.plan.year import Year
    from xlplan.sheets.state.read import BookRead

_CELLS = regex(r"\$?(?P<l1>[A-Z]{1,3})\$?(?P<r1>\d+)(?::\$?(?P<l2>[A-Z]{1,3})\$?(?P<r2>\d+))?")
#: Whole rows (9:9) and whole columns (C:F).
_LINES = regex(r"\$?(?P<l1>[A-Z]{1,3}):\$?(?P<l2>[A-Z]{1,3})|\$?(?P<r1>\d+):\$?(?P<r2>\d+)")
#: Cells that one selection may have.
MOST = 40_000
_COMMON = {"销售额": "gmv", "目标销售额": "gmv", "月目标": "gmv", "推广费": "spend", "费用": "spend", "笔数": "orders", "退款率": "refund_rate", "流量": "uv"}  # fmt: skip


def find_metric(text: str, year: Year, *, everything: bool = False) -> str:
    """Return the planned metric a text names.

    Raises:
        InputError: Nothing of that name is planned; the nearest name is offered.
    """
    plain = text.strip()
    if everything and plain in ("", "*", "全部", "全部指标"):
        return EVERYTHING
    name = _COMMON.get(plain, "")
    found = None if name else year.metrics.find(plain)
    name = name or (found.name.removesuffix("_target") if found else "")
    if name in ("gmv_net", "orders_net"):
        name = name.removesuffix("_net")
    if name != SPEND and f"{name}_target" not in year.metrics:
        if found:
            raise InputError(f"“{text}”只记实际，没有计划", f"有计划的是：{_planned(year)}")
        near = year.metrics.suggest(plain)
        raise InputError(
            f"计划里没有指标“{text}”",
            f"{f'是不是“{near}”？' if near else ''}有计划的是：{_planned(year)}",
        )
    return name


def _planned(year: Year) -> str:
    """Return the metrics that can be changed, as people call them."""
    names = [each.name for each in EDITED_RATIOS if f"{each.name}_target" in year.metrics]
    flows = [
        str(name) for name in year.plan.columns if not str(name).startswith(("spend_", "uv_"))
    ]
    return "、".join(
        [*dict.fromkeys(label(name, year.metrics) for name in [*flows, SPEND, *names])]
    )


#: What stands between the names of several stores.
_MARKS = "、,，;；"
_BETWEEN = regex(f"[{_MARKS}]")


def find_stores(text: str, year: Year) -> tuple[str, ...]:
    """Return the stores a text names: a name, several with 、 or commas, a pattern, or 合计.

    Raises:
        InputError: There is no such store.
    """
    plain = (text or "").strip()
    if plain in ("", TOTAL, "全部", "公司"):
        return year.stores
    found: dict[str, None] = {}
    for part in _listed(plain, year.stores):
        mine = [
            store
            for store in year.stores
            if store == part.strip() or fnmatchcase(store, part.strip())
        ]
        if not mine:
            raise InputError(
                f"没有店铺“{part.strip()}”",
                f"店铺是：{'、'.join(year.stores)}；可用 * 代表任意字，如 天猫*",
            )
        found |= dict.fromkeys(mine)
    return tuple(store for store in year.stores if store in found)


def _listed(text: str, stores: Sequence[str]) -> list[str]:
    """Return the names in a text; a store's own name may hold what stands between names."""
    own = sorted((s for s in stores if _BETWEEN.search(s)), key=len, reverse=True)
    names = "|".join([*map(re.escape, own), f"[^{_MARKS}]+"])
    return [part for part in re.findall(names, text) if part.strip()] or [text]


def find_region(year: Year, metric: str, store: str = "", period: str = "") -> Region:
    """Return the region of a metric, stores and a period as typed.

    Raises:
        InputError: One of them cannot be understood.
    """
    days = parse_period(period, year.calendar)
    return Region(find_metric(metric, year), find_stores(store, year), days)


def meant(read: BookRead, at: str, metric: str, store: str, period: str) -> list[Region]:
    """Return the regions of a selection, or without one those of what was typed.

    Raises:
        InputError: It cannot be understood, or is not of the plan.
    """
    if at:
        return selected(read, at)
    return [find_region(read.state.year, metric, store, period)]


def selected(read: BookRead, at: str) -> list[Region]:
    """Return the regions of a selection such as ``9月!C9:F9`` or ``9月!C9,F9``, one a row, cells side by side joined.

    Of whole rows and columns only the cells of the plan are meant.

    Raises:
        InputError: It is no address, or holds cells that are not of the plan.
    """
    sheet, areas = sheet_of(at), at.rpartition("!")[2]
    if sheet and sheet not in read.cells:
        raise InputError(f"没有工作表“{sheet}”", "表名要与工作簿里的一致")
    cells = plan_cells(read, sheet) if sheet else {}
    spots = spots_of(at, cells)
    inside = [spot for spot in spots if spot in cells]
    if len(inside) < len(spots) or not spots:
        raise InputError(
            f"选区里有 {len(spots) - len(inside)} 格不是计划（目标）的格"
            if spots
            else "选的行、列里没有计划（目标）的格",
            "请只选目标行（月目标、目标UV、目标转化率…）里的日、周、月格；实际行和表外的格没有计划",
            Where("", sheet, areas),
        )
    return _joined([cells[spot].region for spot in inside])


def sheet_of(at: str) -> str:
    """Return the sheet a selection is on; "" when it names none."""
    return at.strip().rpartition("!")[0].strip("'")


def spots_of(at: str, cells: Collection[Spot]) -> list[Spot]:
    """Return the cells of a selection; of whole rows and columns those among `cells`.

    Raises:
        InputError: It is no address, or it is too large.
    """
    if not sheet_of(at):
        raise _unread(at)
    areas = at.strip().rpartition("!")[2]
    spots = [spot for area in re.split("[,，]", areas) for spot in _spots(area, at, cells)]
    if len(spots) > MOST:
        raise InputError("选区太大", "请只选计划表里的格")
    return list(dict.fromkeys(spots))


def _spots(area: str, at: str, cells: Collection[Spot]) -> list[Spot]:
    """Return the cells of one area; of whole rows and columns those that are known."""
    if found := _LINES.fullmatch(area.strip()):
        by_row = found["r1"] is not None
        first, last = (
            sorted(map(int, (found["r1"], found["r2"])))
            if by_row
            else sorted(map(_number, (found["l1"], found["l2"])))
        )
        return [spot for spot in cells if first <= spot[0 if by_row else 1] <= last]
    found = _CELLS.fullmatch(area.strip())
    if found is None:
        raise _unread(at)
    rows = sorted((int(found["r1"]), int(found["r2"] or found["r1"])))
    columns = sorted((_number(found["l1"]), _number(found["l2"] or found["l1"])))
    if (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1) > MOST:
        raise InputError("选区太大", "请只选计划表里的格")
    return list(product(range(rows[0], rows[1] + 1), range(columns[0], columns[1] + 1)))


def _unread(at: str) -> InputError:
    return InputError(f"看不懂选区“{at}”", "写成 9月!C9、9月!C9:F9 或 9月!C9,F9")


def spot_of(text: str) -> tuple[int, int]:
    """Return row and column of one cell such as ``C9``; (0, 0) when it is none."""
    found = _CELLS.fullmatch(text.strip())
    return (int(found["r1"]), _number(found["l1"])) if found and not found["r2"] else (0, 0)


def _joined(regions: list[Region]) -> list[Region]:
    """Join neighbouring days of one metric; totals that hold days of the selection stand for them."""
    made: list[Region] = []
    for region in sorted(regions, key=lambda r: (r.metric, r.period.first, -r.period.days)):
        last = made[-1] if made else None
        if last and last.metric == region.metric and region.period.first <= last.period.last:
            continue  # a day inside a week that is selected too
        if (
            last
            and last.metric == region.metric
            and (region.period.first - last.period.last).days == 1
        ):
            joined = Period(last.period.first, region.period.last, f"{last.period.label.split('–')[0]}–{region.period.label.split('–')[-1]}")  # fmt: skip
            made[-1] = Region(last.metric, last.stores, joined)
        else:
            made.append(region)
    return made


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
