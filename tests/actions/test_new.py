from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from xlplan.actions.plan.new import NewBook, make_state
from xlplan.actions.plan.newbook import Typed, new_from
from xlplan.books.file import FileBook
from xlplan.cli.app import app
from xlplan.errors import FileError, InputError
from xlplan.plan.year import Settings
from xlplan.sheets.state.read import read_state
from xlplan.sources.targets import read_targets

RUN = CliRunner()


def test_a_target_without_a_store_is_not_shared_among_several_by_guess(tmp_path):
    with pytest.raises(InputError, match="属于哪家店"):
        new_from(tmp_path / "x.xlsx", Typed(2026, None, ["甲店", "乙店"], {"gmv": "500万"}))
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_never_overwritten(tmp_path):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(b"mine")
    with pytest.raises(FileError, match="没有覆盖"):
        new_from(path, Typed(2026, None, ["甲店"], {"gmv": "500万"}))
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize(
    "name", ["合计", "", "a|b", "x" * 31, '好"店', "A*店", "?店", "~店", "=1+1", "<5"]
)
def test_names_that_cannot_be_a_stores_are_refused(tmp_path, name):
    with pytest.raises(InputError, match="店铺名"):
        new_from(tmp_path / "x.xlsx", Typed(2026, None, [name], {}))


def test_an_unknown_channel_names_the_known_ones(tmp_path):
    with pytest.raises(InputError, match="报纸") as caught:
        new_from(tmp_path / "x.xlsx", Typed(2026, None, ["甲店"], {}, channels=["报纸"]))
    assert "直通车" in caught.value.remedy


def test_channels_are_found_by_their_newer_names(tmp_path):
    path = tmp_path / "x.xlsx"
    new_from(
        path, Typed(2026, None, ["甲店"], {"gmv": "100万"}, channels=["关键词推广", "全站推广"])
    )
    assert read_state(FileBook(path)).state.year.settings.channels == ("keyword", "sitewide")


def test_a_year_without_published_holidays_is_planned_and_says_so(tmp_path):
    path = tmp_path / "2027.xlsx"
    outcome = new_from(path, Typed(2027, None, ["甲店"], {"gmv": "100万"}))
    assert any("未公布" in problem.what for problem in outcome.problems)
    assert read_state(FileBook(path)).state.year.plan["gmv"].sum() == pytest.approx(1e6, abs=0.001)


def test_targets_of_a_day_count_thirty_days_to_the_month_when_the_book_does():
    seed = Path(__file__).parents[1] / "data" / "targets_004.csv"
    claims = read_targets(seed, year=2026).claims
    for convention, uv in (("30", 1_632_000), ("calendar", 1_660_700)):
        state, _ = make_state(NewBook(2026, [], claims, Settings(convention)))
        assert state.year.targets.of("本店")["uv"] == uv


def test_store_targets_from_a_file_are_each_exact_and_add_up(tmp_path):
    targets = tmp_path / "目标.csv"
    rows = ["店铺,指标,数值", "甲店,销售额,300万", "乙店,销售额,123.45万", "丙店,销售额,7元"]
    targets.write_text("\n".join(rows), encoding="utf-8")
    path = tmp_path / "x.xlsx"
    new_from(path, Typed(2026, targets))
    year = read_state(FileBook(path)).state.year
    sums = year.plan["gmv"].groupby(level="store").sum().round(2)
    assert sums.to_dict() == {"甲店": 3e6, "乙店": 1_234_500.0, "丙店": 7.0}
    fen = (year.plan["gmv"] * 100).round(6)
    assert (fen == fen.round()).all()


def planned_from(tmp_path, *rows):
    targets = tmp_path / "目标.csv"
    targets.write_text("\n".join(["店铺,指标,周期,数值,范围", *rows]), encoding="utf-8")
    path = tmp_path / "x.xlsx"
    outcome = new_from(path, Typed(2026, targets))
    return read_state(FileBook(path)).state, outcome


def test_a_quarters_target_is_kept_and_its_given_month_too(tmp_path):
    state, _ = planned_from(
        tmp_path, "甲店,销售额,年,500万,", "甲店,销售额,Q4,240万,", "甲店,销售额,11月,123.45万,"
    )
    plan = state.year.plan.loc["甲店", "gmv"]
    months = plan.groupby(plan.index.month).sum().round(2)
    assert months[[10, 11, 12]].sum() == pytest.approx(2.4e6, abs=1e-6)
    assert months[11] == 1_234_500.0
    assert months.sum() == pytest.approx(5e6, abs=1e-6)
    assert (months > 0).all()


def test_shares_of_categories_and_platforms_stand_on_their_sheet(tmp_path):
    state, outcome = planned_from(
        tmp_path,
        "甲店,销售额,年,500万,",
        ",销售额占比,年,60%,品类:面膜",
        ",销售额占比,年,40%,品类:防晒",
        ",销售额,年,350万,平台:天猫",
        ",销售额,年,150万,平台:抖音",
    )
    named = [(p.name, p.share) for p in (*state.splits.categories, *state.splits.platforms)]
    assert [part for part in named if part[0]] == [
        ("面膜", 0.6),
        ("防晒", 0.4),
        ("天猫", 0.7),
        ("抖音", 0.3),
    ]
    assert outcome.problems == []


def test_what_the_sheet_of_categories_cannot_hold_is_said(tmp_path):
    rows = [f",销售额占比,年,10%,品类:类{n}" for n in range(10)]
    state, outcome = planned_from(tmp_path, "甲店,销售额,年,500万,", *rows)
    assert any("10 个品类" in problem.what for problem in outcome.problems)
    assert not any(part.name for part in state.splits.categories)


def test_the_command_line_speaks_json_and_exit_codes(tmp_path):
    path = tmp_path / "x.xlsx"
    made = RUN.invoke(app, ["new", str(path), "--year", "2026", "--gmv", "500万", "--json"])
    assert made.exit_code == 0
    assert json.loads(made.stdout)["plan"]["本店"]["gmv"] == 5e6
    again = RUN.invoke(app, ["new", str(path), "--year", "2026", "--gmv", "500万", "--json"])
    assert again.exit_code == 4
    assert "没有覆盖" in json.loads(again.stdout)["error"]
    checked = RUN.invoke(app, ["check", str(path), "--json"])
    assert (checked.exit_code, json.loads(checked.stdout)["errors"]) == (0, 0)
    missing = RUN.invoke(app, ["fill", str(tmp_path / "没有.xlsx")])
    assert missing.exit_code == 4


def test_targets_are_asked_for_when_none_are_given(tmp_path):
    path = tmp_path / "x.xlsx"
    typed = "2026\n\n500万\n\n4%\n200\n\n\n\n"
    made = RUN.invoke(app, ["new", str(path)], input=typed)
    assert made.exit_code == 0, made.output
    year = read_state(FileBook(path)).state.year
    assert year.plan["gmv"].sum() == pytest.approx(5e6, abs=0.001)
    assert year.plan["uv"].sum() == 625_000


def test_an_answer_that_cannot_be_is_asked_for_again_and_nothing_typed_is_lost(tmp_path):
    path = tmp_path / "x.xlsx"
    typed = "今年\n2026\n旗舰店\n五百万\n500万\n\n4\n4%\n-200\n200\n\n\n\n"
    made = RUN.invoke(app, ["new", str(path)], input=typed)
    assert made.exit_code == 0, made.output
    for said in ("“今年”不是年份", "五百万", "4 即 400%", "-200 是负数"):
        assert said in made.output
    assert read_state(FileBook(path)).state.year.plan.loc["旗舰店", "uv"].sum() == 625_000


def test_each_of_several_stores_is_asked_for_its_targets(tmp_path):
    path = tmp_path / "x.xlsx"
    typed = "2026\n甲店、乙店\n500万\n\n\n\n\n\n\n300万\n\n\n\n\n\n\n"
    made = RUN.invoke(app, ["new", str(path)], input=typed)
    assert made.exit_code == 0, made.output
    sums = read_state(FileBook(path)).state.year.plan["gmv"].groupby(level="store").sum()
    assert sums.round(2).to_dict() == {"甲店": 5e6, "乙店": 3e6}


def test_a_taken_name_is_refused_before_anything_is_asked(tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"mine")
    made = RUN.invoke(app, ["new", str(path)], input="")
    assert made.exit_code == 4
    assert "没有覆盖" in made.output
    assert path.read_bytes() == b"mine"


def test_giving_up_in_the_middle_writes_nothing(tmp_path):
    path = tmp_path / "x.xlsx"
    made = RUN.invoke(app, ["new", str(path)], input="2026\n甲店\n500万\n")
    assert made.exit_code == 1
    assert "已取消" in made.output
    assert not path.exists()


def test_a_figure_that_is_no_number_is_refused_with_the_way_to_write_it(tmp_path):
    made = RUN.invoke(app, ["new", str(tmp_path / "x.xlsx"), "-y", "2026", "--gmv", "五百万"])
    assert made.exit_code == 2
    assert not (tmp_path / "x.xlsx").exists()


def test_stores_are_given_in_one_option_or_in_several(tmp_path):
    targets = tmp_path / "目标.csv"
    rows = [f"{store},{gmv}万" for store, gmv in zip("甲乙丙", (100, 200, 300), strict=True)]
    targets.write_text("\n".join(["店铺,销售额", *rows]), "utf-8-sig")
    for number, given in enumerate((["甲,乙，丙"], ["甲、乙", "丙"])):
        path = tmp_path / f"{number}.xlsx"
        options = [part for one in given for part in ("--store", one)]
        said = RUN.invoke(app, ["new", str(path), "--year", "2027", *options, "--targets", str(targets), "--json"])  # fmt: skip
        assert said.exit_code in (0, 3), said.output
        assert list(read_state(FileBook(path)).state.year.stores) == ["甲", "乙", "丙"]
