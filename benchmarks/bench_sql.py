"""10⁷ order lines in Parquet → daily facts of 200 stores, against plain DuckDB SQL.

Every round runs each job in a process of its own, imports included, and notes processor
time (the ratios), wall time and peak memory. `sums` is money, pieces and lines by store, day and channel;
`facts` adds different orders and buyers by store and day. The peer of `facts` is what
an analyst writes: one query with COUNT(DISTINCT …); the same counted two-phase, a
month at a time, is shown beside it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

LINES, STORES, DAYS, CHANNELS = 10_000_000, 200, 365, 8
ROUNDS = 3
#: What must be installed.
NEEDS = ("duckdb", "ibis")
#: Ratios to plain DuckDB and peak megabytes that must not be exceeded.
LIMITS = {"facts / DuckDB": 1.4, "facts, peak MB": 500.0}

#: Deterministic: everything follows from the line's number by hashing.
MAKE = """
COPY (
  SELECT i AS line_no,
         hash(i // 2) % 1000000000000 AS oid,
         hash(i // 2, 1) % 3000000 AS bid,
         'S' || lpad((hash(i // 2, 2) % {stores})::VARCHAR, 3, '0') AS shop_code,
         ['直通车', '钻展', '千川', '淘宝客', '京准通', '聚划算', '全站推广', '自然']
             [1 + (hash(i // 2, 3) % {channels})::INT] AS via,
         (TIMESTAMP '2026-01-01' + INTERVAL (i // 2 * {days} * 86400 // ({lines} // 2)) SECOND) AS t,
         ((hash(i, 4) % 50000) / 100.0)::DECIMAL(12, 2) AS paid,
         (CASE WHEN hash(i, 5) % 20 = 0 THEN (hash(i, 4) % 20000) / 100.0 ELSE 0 END)::DECIMAL(12, 2) AS back,
         (1 + hash(i, 6) % 3)::INT AS pieces
  FROM range({lines}) AS numbers(i)
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
"""
SUMS = """
SELECT shop_code, CAST(t AS DATE) AS day, via, count(*) AS lines,
       sum(CAST(round(paid * 100) AS BIGINT)) AS gmv,
       sum(CAST(round(back * 100) AS BIGINT)) AS refund, sum(pieces) AS units
FROM read_parquet('{path}') WHERE t IS NOT NULL GROUP BY ALL
"""
COUNTS = """
SELECT shop_code, CAST(t AS DATE) AS day, count(DISTINCT oid) AS orders,
       count(DISTINCT bid) AS buyers
FROM read_parquet('{path}') WHERE t IS NOT NULL GROUP BY ALL
"""
ONCE = """
SELECT shop_code, day, count(*) AS n FROM (
  SELECT DISTINCT shop_code, CAST(t AS DATE) AS day, {column} FROM read_parquet('{path}')
  WHERE t >= DATE '2026-01-01' + INTERVAL {month} MONTH
    AND t < DATE '2026-01-01' + INTERVAL {next} MONTH
) GROUP BY ALL
"""
DECLARATION = """
connection = "duckdb"
paths = ["lines.parquet"]
[columns]
paid_at = "t"
amount = "paid"
refund = "back"
units = "pieces"
store = "shop_code"
channel = "via"
"""
IDS = 'order = "oid"\nbuyer = "bid"\n'


def make(folder: Path, lines: int = LINES) -> None:
    import duckdb

    sizes = {"lines": lines, "stores": STORES, "days": DAYS, "channels": CHANNELS}
    with duckdb.connect() as engine:
        engine.execute("SET enable_progress_bar = false")
        engine.execute(MAKE.format(path=folder / "lines.parquet", **sizes))
    (folder / "sums.toml").write_text(DECLARATION, "utf-8")
    (folder / "facts.toml").write_text(DECLARATION + IDS, "utf-8")


def plain(folder: Path, job: str) -> dict[str, float]:
    """What an analyst writes; returns the totals that must agree."""
    import duckdb

    path = folder / "lines.parquet"
    with duckdb.connect() as engine:
        sums = engine.sql(SUMS.format(path=path)).df()
        found = {"gmv": float(sums["gmv"].sum()), "refund_amount": float(sums["refund"].sum())}
        if job == "facts":
            counts = engine.sql(COUNTS.format(path=path)).df()
            found |= {name: float(counts[name].sum()) for name in ("orders", "buyers")}
        if job == "monthly":
            for name, column in {"orders": "oid", "buyers": "bid"}.items():
                months = [
                    engine.sql(ONCE.format(path=path, column=column, month=m, next=m + 1)).df()
                    for m in range(12)
                ]
                found[name] = float(sum(month["n"].sum() for month in months))
    return found


def ours(folder: Path, job: str) -> dict[str, float]:
    from xlplan.sources.sql.orders import read_sql

    frame = read_sql(folder / f"{job}.toml").frame
    fen = {name: float((frame[name] * 100).round().sum()) for name in ("gmv", "refund_amount")}
    if job == "sums":
        return fen
    return fen | {name: float(frame[name].sum()) for name in ("orders", "buyers")}


def child(who: str, job: str, folder: str) -> None:
    import resource
    import time

    start, before = time.perf_counter(), time.process_time()
    found = (ours if who == "xlplan" else plain)(Path(folder), job)
    cost = {"wall": time.perf_counter() - start, "seconds": time.process_time() - before}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(cost | {"peak": peak, "found": found}))


def measure(who: str, job: str, folder: Path) -> dict:
    command = [sys.executable, __file__, who, job, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


JOBS = (
    ("duckdb", "sums"), ("xlplan", "sums"),
    ("duckdb", "facts"), ("duckdb", "monthly"), ("xlplan", "facts"),
)  # fmt: skip


def run() -> dict[str, float]:
    """Print seconds, megabytes and ratios; return what `LIMITS` bounds."""
    with tempfile.TemporaryDirectory() as scratch:
        make(Path(scratch))
        rounds = [{job: measure(*job, Path(scratch)) for job in JOBS} for _ in range(ROUNDS)]
    for one in rounds:
        assert one["xlplan", "sums"]["found"] == one["duckdb", "sums"]["found"]
        assert one["xlplan", "facts"]["found"] == one["duckdb", "facts"]["found"]
        assert one["xlplan", "facts"]["found"] == one["duckdb", "monthly"]["found"]
    middle = {
        job: {
            what: statistics.median(one[job][what] for one in rounds)
            for what in ("seconds", "wall", "peak")
        }
        for job in JOBS
    }
    print(f"{LINES:,} order lines in Parquet → days of {STORES} stores")
    for (who, job), cost in middle.items():
        times = f"{cost['seconds']:6.2f} s ({cost['wall']:.2f} s wall)"
        print(f"  {who:7} {job:8} {times}  {cost['peak']:6.0f} MB")
    cost = {job: found["seconds"] for job, found in middle.items()}
    result = {
        "facts / DuckDB": cost["xlplan", "facts"] / cost["duckdb", "facts"],
        "facts, peak MB": middle["xlplan", "facts"]["peak"],
    }
    for name, limit in LIMITS.items():
        print(f"  {name}: {result[name]:.2f} (limit {limit:g})")
    beside = cost["xlplan", "facts"] / cost["duckdb", "monthly"]
    print(f"  facts / DuckDB two-phase by months: {beside:.2f}")
    only = cost["xlplan", "sums"] / cost["duckdb", "sums"]
    print(f"  sums alone / DuckDB: {only:.2f} (importing ibis is most of the rest)")
    return result


if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(*sys.argv[1:4])
    else:
        run()
