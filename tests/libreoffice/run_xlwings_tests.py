"""Run xlwings' own test modules, written for Excel, on the LibreOffice engine, and count.

    python tests/libreoffice/run_xlwings_tests.py PATH/TO/xlwings [module …]

PATH is a checkout or an unpacked source distribution of the installed xlwings version; its tests
need pytz. They are copied to a scratch folder, because they write files beside themselves, and
run unchanged. What counts as out of scope is listed below with the reason; everything else that
does not pass counts against the engine, also what it answers with NotImplementedError (xlwings'
test base turns that into a skip).
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest

MODULES = ("app", "book", "sheet", "range", "names", "conversion", "table")

#: Pattern of test ids -> why the engine does not aim at them.
OUT_OF_SCOPE = {
    r"autofilter_apply|AutoFilter.*apply": "filter criteria",
    r"show_table_style|table_style": "table styles: LibreOffice keeps none",
    r"copy_picture": "pictures",
    r"async|Async": "xlwings Lite",
    r"test_insert_(cell|row|column)$": "calls insert() without its required argument",
    r"TestBook::test_macro$": "expects the '' of macOS where Windows has None",
    r"test_NA$|dataframe_(1|dateindex)$|period_index|1unnamedindex|timeseries_1$": "for pandas 1",
    r"[Mm]ac_|ThreadedComments": "other systems only",
}
WANTED = 0.95


class Tally:
    """Counts the outcome of each test."""

    def __init__(self):
        self.outcomes = {}
        self.details = {}

    def pytest_runtest_logreport(self, report):
        if report.passed and report.when != "call":
            return
        if self.outcomes.get(report.nodeid, "passed") == "passed":
            self.outcomes[report.nodeid] = report.outcome
            if not report.passed:
                self.details[report.nodeid] = str(report.longrepr).strip().splitlines()[-1]


def say(line):
    sys.stdout.write(f"{line}\n")


def reason(test):
    return next((why for pattern, why in OUT_OF_SCOPE.items() if re.search(pattern, test)), None)


def run(checkout, modules):
    import xlwings

    import xlplan.libreoffice

    xlplan.libreoffice.install(macros=True, save="native")
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="xlplan-xlwings-") as scratch:
        copy = Path(scratch) / "tests"
        shutil.copytree(Path(checkout) / "tests", copy)
        names = [str(copy / f"test_{module}.py") for module in modules]
        options = [
            "-q",
            "--no-header",
            "-p",
            "no:cacheprovider",
            "--tb=short",
            f"--rootdir={copy}",
        ]
        pytest.main([*options, "-c", str(copy / "pytest.ini"), *names], plugins=[tally])
    for app in list(xlwings.apps):
        app.kill()
    return tally


def report(tally):
    """Print the count per module; the share of tests in scope that pass."""
    rows = {}
    for test, outcome in tally.outcomes.items():
        module = Path(test.split("::")[0]).stem
        kind = "out of scope" if outcome != "passed" and reason(test) else outcome
        rows.setdefault(module, Counter())[kind] += 1
    total = sum(rows.values(), Counter())
    for module, row in (*rows.items(), ("total", total)):
        cells = " · ".join(f"{count} {kind}" for kind, count in sorted(row.items()))
        say(f"{module:18} {cells}")
    for test, detail in tally.details.items():
        name = test.split("::", 1)[1]
        say(f"  {tally.outcomes[test]:8} {reason(test) or '':30.30} {name}: {detail[:110]}")
    share = total["passed"] / max(1, total["passed"] + total["failed"] + total["skipped"])
    say(f"in scope: {share:.1%} pass (wanted: {WANTED:.0%})")
    return share


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout")
    parser.add_argument("modules", nargs="*", default=MODULES)
    chosen = parser.parse_args()
    return 0 if report(run(chosen.checkout, chosen.modules)) >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
