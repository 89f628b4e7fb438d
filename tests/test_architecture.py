"""The import table of docs/how-it-works.md, held against the code."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "xlplan"
MODULES = sorted(path for path in ROOT.rglob("*.py"))

#: Lower rooms first; a room may import itself and any room of a lower rank.
RANK = {
    "record": 0,
    "regex": 0,
    "errors": 0,
    "formula": 1,
    "metrics": 2,
    "plan": 3,
    "ooxml": 4,
    "sources": 5,
    "cells": 5,
    "sheets": 6,
    "books": 7,
    "libreoffice": 6,
    "actions": 8,
    "commands": 9,
    "addin": 10,
    "ribbon": 11,
    "cli": 12,
    "__main__": 13,
}
#: Rooms of equal or lower rank that still must not meet.
APART = {
    "sources": {"cells"},
    "cells": {"sources", "plan", "ooxml"},
    "books": {"sheets", "sources", "libreoffice"},
    "libreoffice": {"sheets", "sources", "plan", "cells", "formula", "metrics"},
    "addin": {"sheets", "sources", "plan", "books", "actions"},
    "ribbon": {"addin", "cli"},
    "ooxml": {"plan", "metrics", "formula"},
}
#: Third-party packages and where they may be imported.
THIRD = {
    "formula": {"numpy"},
    "plan": {"numpy", "pandas", "chinese_calendar"},
    "sources": {
        *("numpy", "pandas", "xlrd"),
        *("duckdb", "ibis", "keyring", "pyspark", "pymysql", "clickhouse_connect", "sqlglot"),
    },
    "ooxml": set(),
    "sheets": {"numpy", "pandas"},
    "books": {"numpy", "pandas", "xlsxwriter", "xlwings", "openpyxl", "docx"},
    "libreoffice": {"xlwings"},
    "actions": {"numpy", "pandas", "rich"},
    "addin": set(),
    "ribbon": {"xlwings"},
    "cli": {"typer", "click", "rich"},
}
STDLIB_EXTRA = {"__future__"}


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[0].removesuffix(".py")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def imports(path: Path) -> set[str]:
    found = set()
    package = ("xlplan", *path.relative_to(ROOT).parts[:-1])
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            stem = ".".join((*base, *filter(None, [node.module])))
            found |= {f"{stem}.{alias.name}" for alias in node.names}
    return found


def rooms_imported(path: Path) -> set[str]:
    inner = {name.split(".")[1] for name in imports(path) if name.startswith("xlplan.")}
    return {name for name in inner if name in RANK} - {room(path)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_room_imports_a_later_one(path: Path):
    here = room(path)
    if here == "__init__":
        assert not rooms_imported(path)
        return
    assert here in RANK, f"{here} has no place in the architecture"
    later = {name for name in rooms_imported(path) if RANK[name] > RANK[here]}
    assert later == set()
    assert rooms_imported(path) & APART.get(here, set()) == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_third_party_packages_stay_where_they_are_named(path: Path):
    import sys

    outside = {name.split(".")[0] for name in imports(path)} - set(sys.stdlib_module_names)
    outside -= {"xlplan", *STDLIB_EXTRA}
    if room(path) == "libreoffice":
        outside -= {"uno", "unohelper", "com"}  # only inside the office's own interpreter
    assert outside <= THIRD.get(room(path), set())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_sitting(path: Path):
    assert path.read_text("utf-8").count("\n") <= 500


@pytest.mark.parametrize("folder", ["xlplan", "docs", "benchmarks", "tests"])
def test_a_function_can_be_read_in_one_glance(folder: str):
    long = [
        f"{path.relative_to(ROOT.parent)} {node.name}"
        for path in (ROOT.parent / folder).rglob("*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno >= 50
    ]
    assert long == []


def test_the_rooms_have_no_import_cycles():
    graph = {}
    for path in MODULES:
        name = ".".join(("xlplan", *path.relative_to(ROOT).with_suffix("").parts))
        graph[name.removesuffix(".__init__")] = path
    edges = {
        name: {
            target
            for found in imports(path)
            for target in (found, found.rpartition(".")[0])
            if target in graph and target != name and not name.startswith(f"{target}.")
        }
        for name, path in graph.items()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"cycle: {' → '.join((*trail, name))}"
        if name not in done:
            for target in edges[name]:
                visit(target, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_importing_xlplan_loads_nothing_heavy():
    import subprocess
    import sys

    code = "import sys, xlplan; print([m for m in ('numpy','pandas','xlwings','openpyxl') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
