"""The lines of seed 003 and the three columns of seed 002's table are all held, and come back equal."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from xlplan.actions.plan.check import check
from xlplan.books.file import FileBook
from xlplan.cells import address
from xlplan.plan.cards.card import card_from
from xlplan.sheets.state.read import read_state

_SPEC = importlib.util.spec_from_file_location(
    "seeds", Path(__file__).parents[2] / "docs" / "seeds.py"
)
seeds = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(seeds)
#: Line of 003 → where it is held: (card, field) or a row of 年度目标; the figure in base units.
LINES_003 = {
    "年销售额": ("gmv", 5_000_000.0),
    "季度销售额": ("gmv/4", 1_250_000.0),
    "年流量": ("uv", 3_000_000.0),
    "每日流量": (("UV", "每日", "target"), 80_000.0),
    "转化率": ("cvr", 0.04),
    "行业转化率": (("转化率", "", "industry"), 0.03),
    "客单价": ("aov", 200.0),
    "复购率": (("复购率", "", "target"), 0.40),
    "行业复购率": (("复购率", "", "industry"), 0.30),
    "广告投放": ("spend", 1_000_000.0),
    "KOL预算": (("KOL合作预算", "", "target"), 500_000.0),
    "KOL内容": (("KOL爆款内容", "", "target"), 10.0),
    "新增粉丝": (("新增精准粉丝", "每月", "target"), 5000.0),
    "关键词": (("更新关键词", "每月", "target"), 1000.0),
    "核心词": (("核心词排名", "", "goal"), "前5"),
    "ROI底线": (("ROI", "每月", "target"), 2.0),
    "A类预算": (("预算占比·A类", "", "target"), 0.60),
    "短视频": (("抖音短视频", "每月", "target"), 2.0),
    "单场直播": (("单场直播GMV", "每场", "target"), 100_000.0),
    "企微转化": (("企业微信添加转化率", "", "target"), 0.05),
    "主图点击": (("主图点击率提升", "", "target"), 0.10),
    "满减": (("满减活动", "每月", "goal"), "满200减20"),
    "详情页": (("重审详情页", "每季", "target"), 50.0),
    "催单转化": (("催单转化率", "", "target"), 0.03),
    "积分": (("积分规则", "", "goal"), "1元1分，满100分换券"),
    "618流量": (("UV", "618", "target"), 150_000.0),
    "总预算": (("总预算", "", "target"), 5_000_000.0),
    "预算·广告": (("预算·预算项:广告投放", "", "target"), 2_000_000.0),
    "预算·KOL": (("预算·预算项:KOL合作", "", "target"), 500_000.0),
    "预算·客服": (("预算·预算项:客服扩充", "", "target"), 300_000.0),
    "预算·技术": (("预算·预算项:技术支持", "", "target"), 200_000.0),
    "复盘日": (("月度复盘", "每月", "goal"), "每月25日"),
    "培训": (("新员工培训", "每月", "target"), 1.0),
}  # fmt: skip
#: Row of 002's table → before, last, target; None is an empty cell.
TABLE_002 = {
    "GMV·主站": (None, 2.73e8, None),
    "GMV占比·主站": (None, 0.65, None),
    "GMV·短视频": (None, 0.92e8, None),
    "GMV占比·短视频": (None, 0.22, None),
    "GMV·私域社群及小程序": (None, 0.55e8, None),
    "GMV占比·私域社群及小程序": (None, 0.13, 0.18),
    "用户规模": (1.2e6, 2e6, 3e6),
    "高价值会员占比·高价值(>5000元)": (0.08, 0.12, 0.15),
    "复购率": (0.28, 0.32, 0.35),
    "短视频条数·短视频": (None, 1200.0, 1825.0),
    "单条均播量·短视频": (5000.0, 12_000.0, None),
    "自播GMV占比·短视频/自播": (0.30, 0.55, None),
    "视频号转化率·视频号": (None, 0.082, None),
    "爆款率·短视频": (None, 0.08, 0.15),
    "社群月活率·私域": (None, 0.65, None),
    "单群月均GMV·私域": (8000.0, 15_000.0, 20_000.0),
    "企业微信用户数·私域": (None, 600_000.0, 1_000_000.0),
    "预售订单占比·活动:618": (0.25, 0.40, 0.50),
    "会员日贡献占比·活动:双11": (None, 0.35, 0.40),
    "年货节客单价·活动:年货节": (280.0, 380.0, None),
    "年货节复购用户占比·活动:年货节": (None, 0.45, None),
    "920品牌日新增用户·活动:920": (None, None, 200_000.0),
    "首购后30天复购率": (0.18, 0.25, 0.28),
    "30天唤醒率·沉睡": (None, 0.12, 0.15),
    "挽回率·流失": (None, 0.05, None),
    "首购转化率": (None, 0.18, 0.22),
    "滞销品占比": (0.15, 0.08, 0.05),
    "库存周转天数": (45.0, 32.0, 28.0),
    "补货响应时间": (72.0, 24.0, 12.0),
    "配送时效": (3.0, 1.5, None),
    "次日达覆盖率": (None, 0.60, 0.85),
    "物流投诉率": (None, None, 0.005),
    "新渠道目标完成率·小红书、快手": (None, 0.60, None),
    "新渠道ROI·小红书、快手": (None, 1.8, 2.5),
    "小红书达人合作·小红书": (None, None, 500.0),
    "主站点击率·主站": (None, 0.05, 0.065),
    "单场直播GMV·短视频/自播": (None, 50_000.0, 80_000.0),
}  # fmt: skip
#: What the program has a place for of its own: metric → (before on the card, last, target on 年度目标).
OWN_002 = {
    "gmv": ("GMV", 2.8e8, 4.2e8, 6e8),
    "roi": ("付费推广ROI", 2.8, 3.5, 4.0),
    "organic_share": ("自然流量占比", 0.45, 0.52, None),
}


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """The sample books of docs/analysis/seeds.md."""
    return seeds.samples(tmp_path_factory.mktemp("seeds"))


@pytest.fixture(scope="module")
def of_003(books):
    return books["甲"], said(books["甲"])


@pytest.fixture(scope="module")
def of_002(books):
    return books["乙"], said(books["乙"])


def said(path):
    """The cards by title and period, and 年度目标 of the only store by metric and column."""
    state = read_state(FileBook(path)).state
    cards = [card_from(one) for one in state.own["cards"]]
    values = {(row.partition("|")[2], column): value for (row, column), value in state.typed.values.items()}  # fmt: skip
    return {(card.title, card.per): card for card in cards}, values


@pytest.mark.parametrize("line", LINES_003)
def test_every_line_of_003_is_held_and_comes_back_equal(of_003, line):
    cards, values = of_003[1]
    place, figure = LINES_003[line]
    if isinstance(place, tuple):
        title, per, field = place
        found = getattr(cards[title, per], field)
    elif place.endswith("/4"):
        months = [values["gmv", f"m:{month}"] for month in range(1, 13)]
        found = [round(sum(months[at : at + 3]), 2) for at in (0, 3, 6, 9)]
        assert set(found) == {figure}
        return
    else:
        found = values[place, "value"]
    assert found == (figure if isinstance(figure, str) else pytest.approx(figure, rel=1e-12))


def test_the_three_columns_of_002_are_held_and_come_back_equal(of_002):
    cards, values = of_002[1]
    by_title = {title: card for (title, _), card in cards.items()}
    for title, wanted in TABLE_002.items():
        card = by_title[title]
        found = (card.before, card.last, card.target)
        assert [v is None for v in found] == [v is None for v in wanted], title
        known = [(one, two) for one, two in zip(found, wanted, strict=True) if two is not None]
        assert all(one == pytest.approx(two, rel=1e-12) for one, two in known), title
    for metric, (title, before, last, target) in OWN_002.items():
        assert by_title[title].before == pytest.approx(before)
        assert values[metric, "last"] == pytest.approx(last)
        assert values.get((metric, "value")) == (None if target is None else pytest.approx(target))
    assert by_title["爆款率·短视频"].industry == 0.12


def test_nothing_a_person_wrote_is_dropped_unsaid(of_003):
    path, (cards, _) = of_003
    told = json.dumps(
        [p.as_dict() for p in read_state(FileBook(path)).state.problems], ensure_ascii=False
    )
    assert "没有保留" not in told
    assert "记在“指标卡”" in told
    assert cards["ROI", "每月"].note == "低于就调整出价或素材"
    assert cards["广告投放", ""].note == "按平台与阶段分配"
    assert cards["更新关键词", "每月"].cadence == "每月"


def test_the_rules_are_held_against_cards_with_their_cells(of_002, of_003):
    found = {(p.rule, p.where.sheet) for path, _ in (of_002, of_003) for p in check(FileBook(path)).problems}  # fmt: skip
    wanted = {("R7", "指标卡"), ("R8", "指标卡"), ("R9", "指标卡"), ("R5", "指标卡"), ("R4", "指标卡"), ("R13", "指标卡"), ("R14", "指标卡"), ("R16", "指标卡"), ("R3", "指标卡"), ("R2", "年度目标"), ("R1", "年度目标")}  # fmt: skip
    assert wanted - found == set()


def test_heavy_buyers_who_would_spend_more_than_everyone_are_impossible(of_002):
    (found,) = [p for p in check(FileBook(of_002[0])).problems if p.rule == "R8" and "2026" in p.what]  # fmt: skip
    assert "22.5亿元" in found.what
    assert found.where.cell


def test_sixty_of_sixty_items_have_a_place_and_the_page_says_which(books):
    assert len(seeds.ITEMS) == 60
    page = seeds.page(books)
    reads = {name: read_state(FileBook(path)) for name, path in books.items()}
    for item in seeds.ITEMS:
        sheet, cell = seeds.found(item, reads[item.book])
        seen = {address(*spot): seen.value for spot, seen in reads[item.book].cells[sheet].items()}
        assert seen.get(cell) not in (None, ""), (item.what, sheet, cell)
    assert seeds.PAGE.read_text("utf-8") == page, "过时了，请运行 python docs/seeds.py"
