"""The ribbon's XML from a list of actions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from xlplan.addin import customui, read
from xlplan.addin.check_ribbon import ICONS, check_ribbon

NS = "{http://schemas.microsoft.com/office/2009/07/customui}"


def problems(text):
    """Rules broken by the look of the ribbon alone (no VBA at hand)."""
    labels = {f"label.{b.get('tag').split()[0]}": b.get("label") for b in buttons(text)}
    found = check_ribbon(text.encode(), {}, labels)
    return {finding.rule for finding in found} - {"ribbon.callback"}


def buttons(text):
    return list(read.xml(text.encode()).iter(f"{NS}button"))


def test_every_ribbon_action_is_one_button_in_its_group_in_order(actions):
    root = read.xml(customui(actions).encode())
    groups = {
        g.get("label"): [b.get("label") for b in g.iter(f"{NS}button")]
        for g in root.iter(f"{NS}group")
    }
    assert list(groups) == ["计划", "实际", "复盘", "协作", "工具"]
    assert groups["实际"] == ["导入实际", "重排"]
    assert "记录" not in {label for members in groups.values() for label in members}


def test_a_button_carries_its_action_its_condition_and_what_is_kept(actions):
    fill = next(b for b in buttons(customui(actions)) if b.get("label") == "分解")
    assert fill.get("tag") == "fill plan_book"
    assert "保持不变" in fill.get("supertip")
    assert fill.get("size") == "large"


def test_signs_that_xml_reserves_survive(actions):
    odd = replace(actions[0], label='a<b>&"c', supertip="x & y < z")
    (button, *_) = buttons(customui([odd]))
    assert button.get("label") == 'a<b>&"c'
    assert button.get("supertip") == "x & y < z"


def test_the_sample_ribbon_breaks_no_rule(actions):
    assert problems(customui(actions)) == set()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"keytip": "f"}, "ribbon.keytip"),
        ({"keytip": "ABCD"}, "ribbon.keytip"),
        ({"keytip": "FJ"}, "ribbon.keytip"),
        ({"keytip": "F"}, "ribbon.keytip"),
        ({"keytip": "FJX"}, "ribbon.keytip"),
        ({"icon": "CalendarMonthDetails"}, "ribbon.icon"),
        ({"label": "把年度目标分解到每一天", "size": "large"}, "ribbon.label"),
        ({"size": "huge"}, "ribbon.size"),
        ({"supertip": ""}, "ribbon.missing"),
        ({"supertip": "长" * 1025}, "ribbon.tip"),
        ({"name": "fill"}, "ribbon.id"),
        ({"name": "fill-all"}, "ribbon.id"),
        ({"enabled_when": "a b"}, "ribbon.tag"),
    ],
)
def test_an_action_that_excel_would_show_wrongly_is_found(actions, change, rule):
    first, second, *rest = actions
    assert rule in problems(customui([replace(first, **change), second, *rest]))


def test_the_icons_are_names_not_typing_errors():
    assert all(name.isalnum() and name[0].isupper() for name in ICONS)
    assert len(ICONS) > 60
