"""The pages under docs/ are what the program says today, and lead where they say they lead."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from xlplan import commands
from xlplan.sheets.month.rows import month_rows
from xlplan.sheets.state.layout import pages

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("*/README.md")])


@pytest.fixture(scope="module")
def generate():
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["metrics.md", "commands.md", "five-commands.zh.md"])
def test_generated_pages_are_fresh(generate, name):
    there = (DOCS / name).read_text("utf-8")
    assert there == generate.pages()[name], "过时了，请运行 python docs/generate.py"


def test_every_metric_stands_on_the_page_once(generate):
    text = generate.metrics_page()
    channels = {f"{kind}_{c.key}" for kind in generate.KINDS for c in generate.CHANNELS}
    for name in generate.METRICS.metrics:
        if name.removesuffix("_target") not in channels:
            assert text.count(f"| `{name}` |") == 1, name


def test_every_command_has_its_own_section(generate):
    text = generate.commands_page()
    for action in commands.ACTIONS:
        if action.command:
            assert f"## xlplan {action.name}\n" in text


def links(page):
    text = re.sub(r"```.*?```|`[^`]*`", "", page.read_text("utf-8"), flags=re.DOTALL)
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return [link for link in found if not re.match(r"[a-z]+:", link)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_pictures_lead_somewhere(page):
    for link in links(page):
        file, _, anchor = unquote(link).partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor and target.suffix == ".md":
            heads = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), flags=re.MULTILINE)
            assert anchor in {slug(head) for head in heads}, f"{page.name}: {link}"


def slug(head):
    return re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-")


def test_ci_runs_the_test_command_of_the_readme_word_for_word():
    blocks = re.findall(r"```sh\n(.+?)\n```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert "pytest" in blocks[1]
    assert blocks[1] in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


def test_commands_named_in_the_guide_exist():
    known = {action.name for action in commands.ACTIONS if action.command} | {"addin"}
    for page in (DOCS / "用户手册.md", ROOT / "README.md", ROOT / "workbooks" / "README.md"):
        code = "".join(
            re.findall(r"```sh.*?```|`[^`\n]+`", page.read_text("utf-8"), flags=re.DOTALL)
        )
        named = set(re.findall(r"xlplan ([a-z]+)", code))
        assert named & known
        assert named <= known, page.name


def test_the_guide_names_every_visible_sheet(state_of):
    text = (DOCS / "用户手册.md").read_text("utf-8")
    for page in pages(state_of(days=0)):
        if not page.hidden and not re.fullmatch(r"\d+月", page.name):
            assert page.name in text, page.name


def test_the_analysis_lists_the_rows_of_the_month_sheet(state_of):
    text = (DOCS / "analysis" / "店铺每周运营计划表.md").read_text("utf-8")
    for row in month_rows(state_of(days=0).year.settings):
        if not row.companion and row.key != "spend_other":
            assert row.label in text, row.label


@pytest.mark.parametrize("picture", sorted((DOCS / "img").glob("*.png")), ids=lambda p: p.name)
def test_pictures_are_small_and_used(picture):
    assert picture.stat().st_size < 200_000
    assert any(f"img/{picture.name}" in page.read_text("utf-8") for page in PAGES)
