"""The chapters of a written plan: 总结, 目标, 策略, 资源, 风险, 监控; numbers from the book, words of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.document.figures import Figures, percent, times, wan
from xlplan.actions.outlook.standing import last_year
from xlplan.books.paper import Grid, Heading, Prose, Written
from xlplan.plan.tasks.due import monthly, works
from xlplan.plan.tasks.duties import MONTHLY, WEEKLY
from xlplan.plan.tasks.marks import CALM
from xlplan.sheets.paper.slots import CHAPTERS, WORD_SLOTS
from xlplan.sheets.tasks.sheet import marks_in_mind
from xlplan.sheets.year.derived import COLUMNS, FREE, FREE_ROWS, TEXT_ROWS, store_text
from xlplan.sheets.year.page import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from xlplan.books.paperchart import Drawing
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.tasks.marks_cells import Marks

    Block = Heading | Prose | Grid | Drawing


def written(state: BookState, words: Mapping[str, str], today: date, name: str) -> Written:
    """Return the whole plan as it is now.

    Args:
        state: What the book says.
        words: What people wrote, by slot.
        today: For the cover.
        name: The book's file name.
    """
    year = state.year.year
    paper = _Paper(state, words)
    title = words.get("title") or f"{year} 年电商运营计划书"
    as_of = state.year.as_of
    known = f"实际数到 {as_of}" if as_of else "还没有实际数"
    below = [text for text in (words.get("team", ""), f"{today:%Y-%m-%d} · {known} · 数据来自 {name}") if text]  # fmt: skip
    return Written(title, below, list(paper.blocks()), f"{title}")


class _Paper:
    def __init__(self, state: BookState, words: Mapping[str, str]) -> None:
        self.state, self.words, self.figures = state, words, Figures(state)
        self.marks: Marks = marks_in_mind(state)

    def blocks(self) -> Iterator[Block]:
        """Yield the document from the cover's words on."""
        yield from self._said("intent")
        made: tuple[Callable[[], Iterator[Block]], ...] = (
            self._summary, self._goals, self._ways, self._means, self._dangers, self._watch,
        )  # fmt: skip
        for number, (chapter, blocks) in enumerate(zip(CHAPTERS, made, strict=True)):
            yield Heading(f"{'一二三四五六'[number]}、{chapter}")
            yield from blocks()

    def _said(self, *keys: str) -> Iterator[Block]:
        """Yield what people wrote, each under its heading; nothing where they wrote nothing."""
        for slot in WORD_SLOTS:
            text = self.words.get(slot.key, "").strip()
            if slot.key in keys and text:
                yield Heading(slot.head, 2)
                lines = [line.strip() for line in text.splitlines() if line.strip()]
                for line in lines:
                    yield Prose(line, said=True, item=len(lines) > 1)

    def _summary(self) -> Iterator[Block]:
        figures, year = self.figures, self.state.year
        reached = figures.reached()
        yield Heading("走到哪里", 2)
        if reached is None:
            yield Prose(f"{year.year} 年还没有实际数；导入实际后重新生成，这里会写出达成情况。")
        else:
            yield Prose(self._reached_text())
            yield reached
            yield figures.months_chart()
            yield Prose("达成率 = 实际 ÷ 有实际的那些天的目标；缺数的日子不算零。", quiet=True)
        yield from self._said("wins", "gaps", "market", "means")

    def _reached_text(self) -> str:
        get, year = self.figures.of_year, self.state.year
        actual, rate = get("gmv_net"), get("attainment")
        said = f"截至 {year.as_of}，{year.year} 年实际销售额 {wan(actual)} 万元，为同期目标的 {percent(rate)}"
        ahead = get("gmv_target") - actual
        said += f"；全年目标 {wan(get('gmv_target'))} 万元，" + (
            f"还差 {wan(ahead)} 万元。" if ahead > 0 else f"已超出 {wan(-ahead)} 万元。"
        )
        before = last_year(self.state, self.figures.scope)
        if before is not None:
            known = ~np.isnan(year.actual.of_scope(self.figures.scope)["gmv"]) & ~np.isnan(before)
            was, net = float(before[known].sum()), self._net()[known].sum()
            if was > 0:
                said += (
                    f"按可比日期，去年同样这些天为 {wan(was)} 万元，同比 {net / was - 1:+.1%}。"
                )
        return said

    def _net(self) -> np.ndarray:
        actual = self.state.year.actual.of_scope(self.figures.scope)
        return np.asarray(actual["gmv"] - np.nan_to_num(actual["gmv_excluded"]))

    def _goals(self) -> Iterator[Block]:
        figures, get = self.figures, self.figures.of_year
        yield Heading("全年目标", 2)
        text = f"全年销售额 {wan(get('gmv_target'))} 万元"
        if not np.isnan(get("uv_target") * get("cvr_target") * get("aov_target")):
            text += f" = UV {get('uv_target'):,.0f} × 转化率 {percent(get('cvr_target'), 2)} × 客单价 {times(get('aov_target'))} 元"  # fmt: skip
        yield Prose(f"{text}。")
        yield figures.goals()
        yield from self._said("direction")
        yield Heading("按季、按月", 2)
        if figures.state.year.as_of is None:
            yield figures.months_chart()
        yield figures.periods()
        for kind, head in (("c", "按品类"), ("p", "按平台")):
            parts = figures.parts(kind)
            if parts is not None:
                yield Heading(head, 2)
                yield parts
        yield from self._said("customers", "efficiency", "brand")

    def _ways(self) -> Iterator[Block]:
        campaigns = self.figures.campaigns()
        if campaigns is not None:
            yield Heading("全年活动", 2)
            yield campaigns
            if any("预估" in row[0] for row in campaigns.rows):
                yield Prose("标“预估”的日期按往年规律，公布后在“活动”表改。", quiet=True)
        yield from self._months()
        yield from self._said("goods", "traffic", "members", "content", "channels", "service")

    def _months(self) -> Iterator[Block]:
        """Yield what 年度规划 says of the months: heroes, stages, gifts, new products; per store."""
        notes = self.state.year.notes
        heads = dict(TEXT_ROWS)
        for store in ("", *self.state.year.stores):
            rows = []
            used = [key for key in heads if any(notes.get(f"{_row(key, store)}|m:{m}") for m in range(1, 13))]  # fmt: skip
            used = [key for key in used if key != "text:campaign"]
            for month in range(1, 13):
                said = [notes.get(f"{_row(key, store)}|m:{month}", "") for key in used]
                if any(said):
                    rows.append([f"{month}月", *said])
            if rows:
                yield Heading(f"逐月安排{f' · {store}' if store else ''}", 2)
                yield Grid(("月份", *(heads[key] for key in used)), rows, (0.6, *[2.0] * len(used)), 1 + len(used))  # fmt: skip

        yield from self._own_rows()

    def _own_rows(self) -> Iterator[Block]:
        """Yield the rows that people added to 年度规划 themselves, the periods that say anything."""
        notes = self.state.year.notes
        keys = [f"{FREE}{n}" for n in range(1, FREE_ROWS + 1)]
        names = {key: notes.get(f"{key}|label", "") for key in keys}
        listed = {key: name for key, name in names.items() if name}
        used = [
            column for column in COLUMNS if any(notes.get(f"{key}|{column}") for key in listed)
        ]
        if used:
            heads = [NAMES.get(column, f"{column[2:]}月") for column in used]
            rows = [
                [name, *(_plain(notes.get(f"{key}|{column}", "")) for column in used)]
                for key, name in listed.items()
            ]
            yield Heading("自定的项目", 2)
            yield Grid(("项目", *heads), rows, (2.0, *[1.0] * len(used)))

    def _means(self) -> Iterator[Block]:
        channels, get = self.figures.channels(), self.figures.of_year
        yield Heading("推广预算", 2)
        if channels is None:
            yield Prose("计划里还没有推广费。")
        else:
            grid, drawing = channels
            share = get("spend_ratio_target")
            yield Prose(f"全年推广费 {wan(get('spend_target'))} 万元，占销售额 {percent(share)}，目标 ROI {times(get('roi_target'))}。")  # fmt: skip
            yield grid
            yield drawing
        yield from self._said("people", "tools", "supply")

    def _dangers(self) -> Iterator[Block]:
        marks = self.marks
        rows = []
        cells = marks.cells()
        for key, risk in marks.risks.items():
            state = str(cells[marks.at.spot(key, "state")].value or "")
            value = marks.watched(risk)
            when = f"{risk.metric}{risk.side if risk.side != '实际' else ''}{risk.when} {_mixed(risk.threshold)}" if risk.metric else "人工看"  # fmt: skip
            now = "" if not risk.metric else "—" if np.isnan(value) else _mixed(value)
            rows.append([risk.name, when, now, state, risk.answer, risk.owner])
        yield Heading("盯哪些数、到了怎么办", 2)
        if rows:
            yield Grid(("风险", "触发条件", "现值", "状态", "应对", "负责人"), rows, (1.3, 1.9, 0.9, 0.9, 3.4, 1.2), 6)  # fmt: skip
            alarms = [row[0] for row in rows if row[3] == "触发"]
            if alarms:
                yield Prose(f"现在已触发：{'、'.join(alarms)}。")
            elif any(row[3] == CALM for row in rows):
                yield Prose("现值为截止日所在月累计；目前没有触发的风险。", quiet=True)
        yield from self._said("dangers")

    def _watch(self) -> Iterator[Block]:
        marks, year = self.marks, self.state.year
        cells = marks.cells()
        rows = []
        for key, goal in marks.milestones.items():
            if goal.start is None or goal.end is None:
                continue
            planned, actual, _ = marks.standing(goal)
            target = planned if goal.target is None else goal.target
            state = str(cells[marks.at.spot(key, "state")].value or "")
            show = wan if goal.metric == "销售额" else lambda value: f"{value:,.0f}"
            unit = f"{goal.metric}(万元)" if goal.metric == "销售额" else goal.metric
            rows.append([goal.name, f"{goal.end:%m-%d}", unit, "—" if np.isnan(target) else show(target), "—" if np.isnan(actual) else show(actual), state, goal.owner])  # fmt: skip
        if rows:
            yield Heading("里程碑", 2)
            yield Grid(("里程碑", "到哪天", "看什么", "目标", "实际", "状态", "负责人"), rows, (1.4, 0.9, 1.4, 1.2, 1.2, 0.9, 1.3), 3, wordy=(5, 6))  # fmt: skip
        yield Heading("每天、每周、每月看什么", 2)
        weeks: dict[str, list[str]] = {}
        for duty in WEEKLY:
            weeks.setdefault(duty.when, []).append(duty.what)
        rhythm = [[when, "；".join(said)] for when, said in weeks.items()]
        rhythm += [[duty.when, duty.what] for duty in MONTHLY if not duty.months]
        yield Grid(("什么时候", "做什么"), rhythm, (1.0, 6.0), 2)
        working = works(year.calendar.days)
        days = [monthly(year.year, month, "25日", working).day for month in range(1, 13)]
        yield Prose(f"月度复盘日（25 日，逢休提前到前一个工作日）：{'、'.join(f'{day:%m-%d}' for day in days)}。")  # fmt: skip
        if year.calendar.provisional:
            yield Prose("本年放假安排未公布，日期按法定假日预估。", quiet=True)
        yield from self._said("rhythm", "reward")


def _row(key: str, store: str) -> str:
    return store_text(key, store) if store else key


def _plain(text: str) -> str:
    """Return what was typed as people write it: 40.0 is 40."""
    return text.removesuffix(".0")


def _mixed(value: float | None) -> str:
    if value is None:
        return "—"
    return f"{value:.1%}" if abs(value) <= 1.5 else f"{value:,.2f}"
