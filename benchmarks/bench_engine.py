"""100,000 mixed cells through the xlwings engine against raw LibreOffice bulk calls.

The peer is what one would write by hand with UNO: a Python of the system that has ``uno``,
connected to its own soffice, calling ``setDataArray`` and ``getDataArray`` once. It gets numbers
and texts only; the engine also carries dates, truth values and the conversion of xlwings.
Wall time, median of five, both in one run; the office's start is not counted.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import statistics
import subprocess
import tempfile
import time

ROWS, COLUMNS, ROUNDS = 10_000, 10, 5
#: What must be installed.
NEEDS = ("soffice",)
#: Ratios that must not be exceeded.
LIMITS = {"write": 3.0, "read": 3.0}

_RAW = """
import json, subprocess, sys, time, uno, os, signal
soffice, folder, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
rows = tuple(map(tuple, json.load(sys.stdin)))
office = subprocess.Popen(
    [soffice, "--headless", "--norestore", "--nologo", "-env:UserInstallation=file://" + folder,
     "--accept=pipe,name=bench%d;urp;" % os.getpid()], start_new_session=True, stderr=-3)
try:
    local = uno.getComponentContext()
    find = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(600):
        try:
            name = "uno:pipe,name=bench%d;urp;StarOffice.ComponentContext" % os.getpid()
            context = find.resolve(name)
            break
        except Exception:
            time.sleep(0.1)
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    book = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, ())
    cells = book.Sheets.getByIndex(0).getCellRangeByPosition(0, 0, len(rows[0]) - 1, len(rows) - 1)
    taken = {"write": [], "read": []}
    for _ in range(rounds + 1):
        start = time.perf_counter(); cells.setDataArray(rows)
        middle = time.perf_counter(); found = cells.getDataArray()
        taken["write"].append(middle - start)
        taken["read"].append(time.perf_counter() - middle)
    assert found == rows
    print(json.dumps({name: times[1:] for name, times in taken.items()}))
finally:
    os.killpg(office.pid, signal.SIGKILL)
"""


def table():
    """Rows as a shop's export has them: numbers, counts, texts, a date, a truth value."""
    first = dt.datetime(2026, 1, 1)  # cells have no zone
    return [
        [
            first + dt.timedelta(days=row % 365),
            f"店铺{row % 40}",
            row * 1.25,
            row % 97,
            row / 7,
            f"SKU-{row:06d}",
            row % 3 == 0,
            row * 0.01,
            "推广费用" if row % 2 else "自然流量",
            float(row),
        ]
        for row in range(ROWS)
    ]


def raw(rows):
    """Seconds of each write and read by the peer."""
    from xlplan.libreoffice import available
    from xlplan.libreoffice.values import day_number

    plain = [
        [
            day_number(v) if isinstance(v, dt.datetime) else v if isinstance(v, str) else float(v)
            for v in row
        ]
        for row in rows
    ]
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    with tempfile.TemporaryDirectory(prefix="xlplan-bench-") as folder:
        done = subprocess.run(
            [python, "-c", _RAW, available(), folder, str(ROUNDS)],
            input=json.dumps(plain),
            capture_output=True,
            text=True,
            check=True,
        )
    return json.loads(done.stdout)


def engine(rows):
    """Seconds of each write and read through xlwings."""
    import xlwings

    import xlplan.libreoffice

    xlplan.libreoffice.install()
    taken = {"write": [], "read": []}
    with xlwings.App(visible=False) as app:
        sheet = app.books[0].sheets[0]
        for _ in range(ROUNDS + 1):
            start = time.perf_counter()
            sheet["A1"].value = rows
            middle = time.perf_counter()
            found = sheet[:ROWS, :COLUMNS].options(ndim=2).value
            taken["write"].append(middle - start)
            taken["read"].append(time.perf_counter() - middle)
    assert found == rows
    return {name: times[1:] for name, times in taken.items()}


def run():
    """Print times and ratios; return the ratios."""
    rows = table()
    peer, ours = raw(rows), engine(rows)
    ratios = {}
    for name, limit in LIMITS.items():
        own, other = statistics.median(ours[name]), statistics.median(peer[name])
        ratios[name] = own / other
        cells = ROWS * COLUMNS
        print(
            f"{name} {cells:,} mixed cells: {own:.3f} s; raw UNO {other:.3f} s; "
            f"ratio {ratios[name]:.2f} (limit {limit:g})"
        )
    return ratios


if __name__ == "__main__":
    run()
