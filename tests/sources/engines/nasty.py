"""One table with everything that goes wrong in tables of order lines, and its days counted in plain pandas.

The truth reads none of the written texts: what each row means stands beside what is written.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

BEIJING = dt.timezone(dt.timedelta(hours=8))
#: What stands in the amount column, and what it means; None means nothing.
WRITTEN = (
    lambda value: f"{value:.2f}",
    lambda value: f"{value:,.2f}",
    lambda value: f"¥{value:,.2f}",
    lambda value: f"  {value:.2f} ",
    lambda value: f"￥{value:.2f}元",
    lambda value: f"\u3000{value:.2f}\u00a0",
    lambda value: f"+{value:.2f}",
)
ODD = (("3.5万", 35_000.0), ("(123.45)", -123.45), ("１２．５０", 12.5), ("1,2345.00", 12_345.0))
REFUSED = ("abc", "12%", "1.2.3", "100单")
EMPTY = ("", None, "   ", "-")
STATES = ("交易成功", "Cancelled", " cancelled", "CANCELLED  ", "已付款")
STORES = ("甲店", "甲店  ", " 甲店", "ABC店", "abc店", "丙店's")
#: As every engine holds them; a name begins with what it holds.
COLUMNS = {
    "line-id": "text", "订单号": "text", "paid_naive": "naive", "paid_utc": "naive", "paid_zoned": "instant",
    "paid_text": "text", "paid_mixed": "text", "paid_epoch": "int", "paid_ms": "int", "amount": "text",
    "order_amount": "decimal", "order_fen": "int", "refund": "decimal", "refunded_at": "naive", "买家": "text",
    "shop": "text", "state": "text", "channel": "text", "quantity": "int", "updated_at": "naive",
}  # fmt: skip
#: Declarations of the paid time that must all mean the same days.
TIMES = {
    "naive": 'paid_at = "paid_naive"',
    "utc": 'paid_at = "paid_utc"',
    "zoned": 'paid_at = "paid_zoned"',
    "text": 'paid_at = "paid_text"',
    "mixed": 'paid_at = "paid_mixed"',
    "epoch": 'paid_at = "paid_epoch"',
    "epoch_ms": 'paid_at = "paid_ms"',
}
SETTINGS = {
    "utc": 'timezone = "UTC"',
    "mixed": 'time_format = "iso"',
    "epoch": 'time_format = "epoch"',
    "epoch_ms": 'time_format = "epoch_ms"',
}


def declaration(place: str, time: str = "naive", more: str = "", columns: str = "") -> str:
    """Return a declaration over the nasty table; `place` says the connection and the table."""
    return (
        f'name = "订单库"\n{place}\ndrop_status = ["cancelled"]\n{SETTINGS.get(time, "")}\n{more}\n'
        f'[columns]\n{TIMES[time]}\nline = "line-id"\norder = "订单号"\nbuyer = "买家"\nstore = "shop"\n'
        f'status = "state"\n{columns or AMOUNT}\n[channels]\n"自然" = ""\n'
    )


AMOUNT = 'amount = "amount"'


def _mixed(moment: dt.datetime, kind: int) -> str:
    """Write a Beijing moment as text in one of many ways."""
    zoned = moment.replace(tzinfo=BEIJING)
    utc = zoned.astimezone(dt.UTC)
    west = zoned.astimezone(dt.timezone(dt.timedelta(hours=-5)))
    return (
        f"{moment:%Y-%m-%d %H:%M:%S}",
        f"{moment:%Y-%m-%dT%H:%M:%S}",
        f"{utc:%Y-%m-%dT%H:%M:%S}Z",
        f"{utc:%Y-%m-%dT%H:%M:%S.%f}+00:00",
        f"{zoned:%Y-%m-%d %H:%M:%S}+08:00",
        f"{west:%Y-%m-%d %H:%M:%S}-0500",
        f" {moment:%Y-%m-%d %H:%M} ",
        f"{utc:%Y-%m-%d %H:%M:%S}+00",
    )[kind % 8]


def _row(random, line: int, version: int) -> dict:
    moment = dt.datetime(2026, 3, 1) + dt.timedelta(seconds=int(random.integers(0, 40 * 86_400)))
    paid = random.random() > 0.08
    value = round(float(random.gamma(2, 400)), 2)
    amount = WRITTEN[int(random.integers(len(WRITTEN)))](value)
    luck = random.random()
    if luck < 0.03:
        amount, value = ODD[int(random.integers(len(ODD)))]
    elif luck < 0.06:
        amount, value = REFUSED[int(random.integers(len(REFUSED)))], None
    elif luck < 0.09:
        amount, value = EMPTY[int(random.integers(len(EMPTY)))], None
    refunded = moment + dt.timedelta(days=int(random.integers(0, 12)))
    back = round(float(random.gamma(2, 20)), 2) if random.random() < 0.2 else None
    name = f"L{line // 2}" if line % 2 else f"l{line // 2}"  # twins for who forgets case
    order = line // 3
    return {
        "line-id": (name, f" {name}", f"{name}  ")[int(random.integers(3))],
        "订单号": (f"O{order // 2}" if order % 2 else f"o{order // 2}")
        + ("  " if random.random() < 0.3 else ""),
        "moment": moment if paid else None,
        "kind": int(random.integers(8)),
        "amount": amount,
        "value": value,
        "order_amount": round(100 + order * 1.37, 2),
        "refund": back,
        "refunded_at": refunded if back and paid else None,
        "买家": (f"b{order % 97}" if order % 2 else f"B{order % 97}")
        + (" " if random.random() < 0.2 else ""),
        "shop": STORES[order % len(STORES)]
        if version % 2
        else STORES[order % len(STORES)].strip(),
        "state": STATES[int(random.integers(len(STATES)))] if version else "已付款",
        "channel": ("直通车", "自然", "千川", None)[order % 4],
        "quantity": int(random.integers(1, 4)),
        "updated_at": dt.datetime(2026, 5, 1) + dt.timedelta(hours=version),
    }


def rows(count: int = 700, seed: int = 7) -> pd.DataFrame:
    """Return the table: lines in up to four versions, in no order, and lines that have no id."""
    random = np.random.default_rng(seed)
    made = [
        _row(random, line, version)
        for line in range(count)
        for version in range(int(random.integers(1, 5)))
    ]
    made += [_row(random, 0, 0) | {"line-id": None, "state": "已付款"} for _ in range(12)]
    made[-1]["line-id"] = "  "
    made += [
        one | {"state": "已付款"} for one in made[:40:3]
    ]  # came twice, equally new but for the state
    frame = pd.DataFrame(made).sample(frac=1, random_state=seed).reset_index(drop=True)
    moment = [None if pd.isna(one) else one.to_pydatetime() for one in frame["moment"]]
    zoned = [one and one.replace(tzinfo=BEIJING) for one in moment]
    frame["paid_naive"] = moment
    frame["paid_utc"] = [one and one.astimezone(dt.UTC).replace(tzinfo=None) for one in zoned]
    frame["paid_zoned"] = zoned
    frame["paid_text"] = [one and f"{one:%Y-%m-%d %H:%M:%S}" for one in moment]
    frame["paid_mixed"] = [
        _mixed(one, kind) if one else ("", None)[kind % 2]
        for one, kind in zip(moment, frame["kind"], strict=True)
    ]
    frame["paid_epoch"] = [one and int(one.timestamp()) for one in zoned]
    frame["paid_ms"] = [one and int(one.timestamp() * 1000) for one in zoned]
    frame["order_fen"] = (frame["order_amount"] * 100).round().astype(int)
    return frame


def stored(frame: pd.DataFrame) -> list[tuple]:
    """Return the rows as a database takes them, in the order of `COLUMNS`."""
    plain = frame[list(COLUMNS)].astype(object)
    return [
        tuple(_plain(value) for value in row)
        for row in plain.where(plain.notna(), None).itertuples(index=False, name=None)
    ]


def _plain(value: object) -> object:
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return int(value) if isinstance(value, float) and value > 1e8 else value


def newest(frame: pd.DataFrame) -> pd.DataFrame:
    """Return each line once, as last seen; of two equally new the cancelled one, then the later payment."""
    told = frame.assign(
        id=frame["line-id"].str.strip().replace("", np.nan),
        gone=frame["state"].str.strip().str.lower() == "cancelled",
        at=frame["moment"].fillna(pd.Timestamp("1900-01-01")),
        figure=frame["value"].fillna(-1e18),
    )
    known = told[told["id"].notna()]
    known = known.sort_values(["updated_at", "gone", "at"], kind="stable").groupby("id").tail(1)
    return pd.concat([known, told[told["id"].isna()]])


def truth(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the days: what counts in the newest version of every line."""
    lines = newest(frame)
    lines = lines[~lines["gone"] & lines["moment"].notna()]
    return lines.assign(
        store=lines["shop"].str.strip(),
        date=lines["moment"].dt.normalize(),
        order=lines["订单号"].str.strip(),
        buyer=lines["买家"].str.strip(),
    )


def _fen(values: pd.Series) -> pd.Series:
    return (values * 100).round()


def facts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame an extract must have."""
    lines = truth(frame)
    lines = lines[lines["value"].notna()]
    days = lines.groupby(["store", "date"])
    made = pd.DataFrame(
        {
            "gmv": days["value"].agg(lambda each: _fen(each).sum() / 100),
            "orders": days["order"].nunique(),
            "buyers": days["buyer"].nunique(),
            "units": days["quantity"].sum(),
            "refund_amount": days["refund"].agg(lambda each: _fen(each.fillna(0)).sum() / 100),
        }
    ).astype(float)
    for name, key in {"直通车": "keyword", "千川": "qianchuan"}.items():
        of = lines[lines["channel"] == name]
        found = of.groupby(["store", "date"])["value"].agg(lambda each: _fen(each).sum() / 100)
        made[f"gmv_{key}"] = found.reindex(made.index)
    return made[sorted(made)]


def per_order(frame: pd.DataFrame) -> pd.Series:
    """Return sales a store and day where the order's amount stands on every line of it."""
    lines = truth(frame).sort_values(["moment", "id"], na_position="last")
    first = lines.groupby("order").head(1)
    return _fen(first["order_amount"]).groupby([first["store"], first["date"]]).sum() / 100


def by_completion(frame: pd.DataFrame) -> pd.Series:
    """Return refunds a store and day of completion."""
    lines = truth(frame)
    lines = lines[lines["refunded_at"].notna()]
    day = lines["refunded_at"].dt.normalize().rename("date")
    return _fen(lines["refund"]).groupby([lines["store"], day]).sum() / 100
