"""Writes ``docs/analysis/seeds.md``: where each item of the customer's own plans stands, with its cell.

The sample books are made by the program from the lists in ``tests/data``; ``tests/actions/test_cards_of_seeds.py``
makes them again and holds every cell against the page.
"""  # noqa: INP001 - a script beside the page it makes

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from xlplan.actions.imports.importing import import_files
from xlplan.actions.outlook.reviewing import review
from xlplan.actions.plan.newbook import Typed, new_from
from xlplan.actions.tasks.making import tasks
from xlplan.books.file import FileBook
from xlplan.cells import Cell, address
from xlplan.plan.cards.card import card_from
from xlplan.sheets.base.find import find_keys
from xlplan.sheets.base.names import CARDS
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.sheets.state.read import BookRead

HERE = Path(__file__).parent
PAGE, DATA = HERE / "analysis" / "seeds.md", HERE.parent / "tests" / "data"
YEAR = 2026
#: Sample book → the list it is made from.
BOOKS = {"甲": "seed_003_lines.csv", "乙": "seed_002_table.csv", "丙": "seeds_rest.csv"}
WEIGHTS = (("渠道", "短视频", 2.0), ("渠道", "主站", 1.0), ("客群", "沉睡", 0.5))


class Item(NamedTuple):
    """One item: the seed it is from, what it is, the book, and where it stands in it.

    `place` is ``card:title|period|column``, ``aim:metric|column`` (年度目标),
    ``key:sheet|row key|column key``, ``weight:kind|name`` or ``text:sheet|words``.
    """

    seed: str
    what: str
    book: str
    place: str


ITEMS = (
    Item("000", "销售额按季度、月份分解", "丙", "key:年度规划|gmv_target|q:1"),
    Item("000", "各产品线、品类的销售占比", "丙", "text:品类平台|面膜"),
    Item("000", "新增用户数", "丙", "card:新增用户数||target"),
    Item("000", "活跃用户数", "丙", "card:活跃用户数||target"),
    Item("000", "用户留存率", "丙", "card:用户留存率||target"),
    Item("000", "复购率", "乙", "card:复购率||target"),
    Item("000", "客单价", "丙", "aim:aov|value"),
    Item("000", "库存周转率", "丙", "card:库存周转率||target"),
    Item("000", "订单履约时效", "丙", "card:订单履约时效||target"),
    Item("000", "营销费用占比（与 ROI 互为倒数，分两行）", "丙", "aim:spend_ratio|value"),
    Item("000", "人均效能；品牌认知度", "丙", "card:人均效能||target"),
    Item("001", "按渠道 × 品类 × 客群的权重", "乙", "weight:渠道|短视频"),
    Item("001", "与行业基准对标", "乙", "card:爆款率·短视频||industry"),
    Item("001", "高毛利商品的销售占比", "丙", "card:高毛利商品销售占比||target"),
    Item("001", "爆款的销售占比", "丙", "card:爆款产品销售占比||target"),
    Item("001", "退货率", "丙", "aim:refund_rate|value"),
    Item("001", "预算三组：营销推广、供应链、技术研发", "丙", "card:供应链优化预算||target"),
    Item("001", "节点：大促备货完成率、用户增长达标率", "丙", "card:大促备货完成率||target"),
    Item("001", "每周进度偏差", "丙", "text:工作计划|上周复盘"),
    Item("001", "个人与团队双轨：客服响应时效、市场份额", "丙", "card:客服响应时效||target"),
    Item("001", "供应商评分：准时、退货、成本空间", "丙", "card:供应商履约准时率||target"),
    Item("001", "净推荐值", "丙", "card:净推荐值||target"),
    Item("002", "GMV 前年", "乙", "card:GMV||before"),
    Item("002", "GMV 去年、今年目标", "乙", "aim:gmv|value"),
    Item("002", "各渠道占比与金额", "乙", "card:GMV占比·主站||last"),
    Item("002", "用户规模三年", "乙", "card:用户规模||target"),
    Item("002", "高价值会员占比（年消费超 5000 元）", "乙", "card:高价值会员占比·高价值(>5000元)||target"),
    Item("002", "复购率三年", "乙", "card:复购率||before"),
    Item("002", "自然流量占比", "乙", "aim:organic_share|last"),
    Item("002", "付费 ROI", "乙", "aim:roi|value"),
    Item("002", "短视频条数、均播量、爆款率", "乙", "card:短视频条数·短视频||target"),
    Item("002", "自播占比", "乙", "card:自播GMV占比·短视频/自播||last"),
    Item("002", "社群月活率、单群月均 GMV、企微用户", "乙", "card:单群月均GMV·私域||target"),
    Item("002", "618 预售占比", "乙", "card:预售订单占比·活动:618||target"),
    Item("002", "双11 会员贡献", "乙", "card:会员日贡献占比·活动:双11||target"),
    Item("002", "年货节客单价、复购用户占比", "乙", "card:年货节客单价·活动:年货节||last"),
    Item("002", "920 品牌日新增用户", "乙", "card:920品牌日新增用户·活动:920||target"),
    Item("002", "首购后 30 天复购率", "乙", "card:首购后30天复购率||target"),
    Item("002", "分层唤醒、挽回", "乙", "card:30天唤醒率·沉睡||target"),
    Item("002", "首购转化率", "乙", "card:首购转化率||target"),
    Item("002", "滞销、周转、补货、配送、次日达、投诉", "乙", "card:库存周转天数||target"),
    Item("002", "新渠道完成率与 ROI", "乙", "card:新渠道ROI·小红书、快手||target"),
    Item("002", "主站点击率、单场直播 GMV", "乙", "card:单场直播GMV·短视频/自播|每场|target"),
    Item("002", "活动规则 T-7、库存 T-3", "丙", "text:活动|T-7"),
    Item("003", "年销售额与季度", "甲", "aim:gmv|value"),
    Item("003", "年流量与平均每日", "甲", "card:UV|每日|target"),
    Item("003", "自然、付费、社交占比", "丙", "aim:organic_share|value"),
    Item("003", "转化率（行业在指标卡）", "甲", "aim:cvr|value"),
    Item("003", "广告投放、KOL 预算与内容", "甲", "card:KOL合作预算||target"),
    Item("003", "关键词、短视频、粉丝、详情页的数量", "甲", "card:更新关键词|每月|target"),
    Item("003", "ROI 底线", "甲", "card:ROI|每月|target"),
    Item("003", "满减、积分等规则", "甲", "card:满减活动|每月|target"),
    Item("003", "每月 25 日复盘（避开放假）", "丙", "text:工作计划|月度复盘"),
    Item("003", "总预算与分项", "甲", "card:预算·预算项:KOL合作||target"),
    Item("004", "店铺每周运营计划表", "丙", "key:9月|gmv_target|d:2026-09-01"),
    Item("004", "电商规划表：月目标、日目标、日目标UV", "丙", "key:年度规划|uv_target@day|m:9"),
    Item("004", "爆品、阶段概述、活动、赠品、新品", "丙", "key:年度规划|text:hero|c:label"),
    Item("004", "月度计划：目标订单数、平均订单价值", "丙", "card:订单数||target"),
    Item("004", "每日、每周、每月工作与新店清单", "丙", "text:工作计划|核对库存"),
    Item("004", "日发单数、好评率、折扣、款数、主推备货", "丙", "card:好评率||target"),
)  # fmt: skip


def samples(folder: Path) -> dict[str, Path]:
    """Make the sample books; return their files."""
    made = {}
    for name, listed in BOOKS.items():
        path = folder / f"样本{name}.xlsx"
        new_from(path, Typed(YEAR, DATA / listed))
        made[name] = path
    weigh(made["乙"])
    live(made["丙"], folder)
    return made


def weigh(path: Path) -> None:
    """Type weights beside the cards."""
    book = FileBook(path)
    at = read_state(book).at[CARDS]
    cells = {
        (at.first + i, at.columns[key]): Cell(value)
        for i, line in enumerate(WEIGHTS)
        for key, value in zip(("w:kind", "w:name", "w:value"), line, strict=True)
    }
    book.write({CARDS: cells})
    book.save()


def live(path: Path, folder: Path) -> None:
    """Take in a month of sales, review it, and lay out September's tasks."""
    export = folder / "日报.csv"
    days = [f"2026-01-{day:02d},{18_000 + 300 * day},{3_500 + 20 * day},{190 + 2 * day}" for day in range(1, 26)]  # fmt: skip
    export.write_text("\n".join(["日期,支付金额,访客数,支付订单数", *days]), "utf-8-sig")
    import_files(FileBook(path), [export], as_of=date(2026, 1, 26))
    review(FileBook(path))
    tasks(FileBook(path), month=9, opening=date(2026, 9, 20))


def found(item: Item, read: BookRead) -> tuple[str, str]:
    """Return the sheet and the cell of an item."""
    kind, _, rest = item.place.partition(":")
    if kind == "card":
        return CARDS, _card(read, *rest.split("|"))
    if kind == "weight":
        return CARDS, _weight(read, *rest.split("|"))
    if kind == "aim":
        metric, column = rest.split("|")
        at = read.at.targets
        return "年度目标", address(at.rows[f"t:本店|{metric}"], at.columns[column])
    sheet, *more = rest.split("|")
    cells = read.cells[sheet]
    if kind == "key":
        keys = find_keys(sheet, cells)
        column = 2 if more[1] == "c:label" else keys.columns[more[1]]
        return sheet, address(keys.rows[more[0]], column)
    spots = sorted(spot for spot, seen in cells.items() if more[0] in str(seen.value or ""))
    return sheet, address(*spots[0])


def _card(read: BookRead, title: str, per: str, column: str) -> str:
    cards = [card_from(one) for one in read.state.own["cards"]]
    at = read.at[CARDS]
    place = next(i for i, card in enumerate(cards) if (card.title, card.per) == (title, per))
    return address(at.lines[place], at.columns[column])


def _weight(read: BookRead, kind: str, name: str) -> str:
    at = read.at[CARDS]
    place = next(i for i, one in enumerate(read.state.own["card_weights"]) if (one["kind"], one["name"]) == (kind, name))  # fmt: skip
    return address(at.weights[place], at.columns["w:value"])


def page(books: Mapping[str, Path]) -> str:
    """Return the page."""
    reads = {name: read_state(FileBook(path)) for name, path in books.items()}
    lines = [
        "# 客户自己的计划：60 项各在哪里",
        "",
        "程序要容得下的四类计划（年度工作计划模板、年度规划、总结与计划、目标拆解、运营表格）里可量化的 60 项，每一项在计划表里的位置。",
        "单元格是样本表里的：甲、乙、丙三本由程序从 `tests/data` 的 `seed_003_lines.csv`、`seed_002_table.csv`、`seeds_rest.csv`",
        "生成（丙里没有原数的项用的是示例数）；`python docs/seeds.py` 重写这一页，`tests/actions/test_cards_of_seeds.py` 逐格核对。",
        "",
        "“年度目标”“品类平台”有位置的放在那里，其余都是“指标卡”的一行；复盘结果另写在“复盘”表，推广各渠道写在“推广”表，",
        "全年进度在“首页”，成稿由 `xlplan document` 写出。",
        "",
        "| # | 来源 | 项 | 样本 | 表 | 格 |",
        "|---|---|---|---|---|---|",
    ]
    for number, item in enumerate(ITEMS, start=1):
        sheet, cell = found(item, reads[item.book])
        lines.append(f"| {number} | {item.seed} | {item.what} | {item.book} | {sheet} | {cell} |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder:
        PAGE.write_text(page(samples(Path(folder))), "utf-8")
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
