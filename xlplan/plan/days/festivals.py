"""When the moving festivals fall: a table, so that no lunar library is needed at run time.

The dates of 2004 to 2032 were generated with two independent lunar calendars
(borax and lunar_python, which agree on every entry) and are held in the tests
against the published holidays of chinesecalendar.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from functools import cache

#: Year → 春节 (MMDD) · days in the lunar month before it · 清明 端午 七夕 中秋 重阳 冬至 (MMDD).
_TABLE: dict[int, str] = {
    2004: "0122 30 0404 0622 0822 0928 1022 1221",
    2005: "0209 30 0405 0611 0811 0918 1011 1222",
    2006: "0129 29 0405 0531 0731 1006 1030 1222",
    2007: "0218 30 0405 0619 0819 0925 1019 1222",
    2008: "0207 30 0404 0608 0807 0914 1007 1221",
    2009: "0126 30 0404 0528 0826 1003 1026 1222",
    2010: "0214 30 0405 0616 0816 0922 1016 1222",
    2011: "0203 30 0405 0606 0806 0912 1005 1222",
    2012: "0123 29 0404 0623 0823 0930 1023 1221",
    2013: "0210 29 0404 0612 0813 0919 1013 1222",
    2014: "0131 30 0405 0602 0802 0908 1002 1222",
    2015: "0219 30 0405 0620 0820 0927 1021 1222",
    2016: "0208 29 0404 0609 0809 0915 1009 1221",
    2017: "0128 30 0404 0530 0828 1004 1028 1222",
    2018: "0216 30 0405 0618 0817 0924 1017 1222",
    2019: "0205 30 0405 0607 0807 0913 1007 1222",
    2020: "0125 30 0404 0625 0825 1001 1025 1221",
    2021: "0212 30 0404 0614 0814 0921 1014 1221",
    2022: "0201 29 0405 0603 0804 0910 1004 1222",
    2023: "0122 30 0405 0622 0822 0929 1023 1222",
    2024: "0210 30 0404 0610 0810 0917 1011 1221",
    2025: "0129 29 0404 0531 0829 1006 1029 1221",
    2026: "0217 29 0405 0619 0819 0925 1018 1222",
    2027: "0206 29 0405 0609 0808 0915 1008 1222",
    2028: "0126 29 0404 0528 0826 1003 1026 1221",
    2029: "0213 29 0404 0616 0816 0922 1016 1221",
    2030: "0203 30 0405 0605 0805 0912 1005 1222",
    2031: "0123 29 0405 0624 0824 1001 1024 1222",
    2032: "0211 29 0404 0612 0812 0919 1012 1221",
}
_MOVING = ("清明", "端午", "七夕", "中秋", "重阳", "冬至")
_FIXED = {
    "元旦": (1, 1),
    "情人节": (2, 14),
    "妇女节": (3, 8),
    "劳动节": (5, 1),
    "儿童节": (6, 1),
    "教师节": (9, 10),
    "国庆节": (10, 1),
    "平安夜": (12, 24),
    "圣诞节": (12, 25),
}
#: Month and which Sunday of it.
_SUNDAYS = {"母亲节": (5, 2), "父亲节": (6, 3)}

FIRST_YEAR, LAST_YEAR = min(_TABLE), max(_TABLE)


def known(year: int) -> bool:
    """Return whether the lunar festivals of the year are in the table."""
    return year in _TABLE


def _on(year: int, text: str) -> date:
    return date(year, int(text[:2]), int(text[2:]))


def _moving(year: int) -> dict[str, date]:
    if year not in _TABLE:
        return {}
    first, last_month, *others = _TABLE[year].split()
    new_year, length = _on(year, first), int(last_month)
    return {
        "腊八": new_year - timedelta(days=length - 7),
        "小年": new_year - timedelta(days=length - 22),
        "除夕": new_year - timedelta(days=1),
        "春节": new_year,
        "元宵": new_year + timedelta(days=14),
        **{name: _on(year, text) for name, text in zip(_MOVING, others, strict=True)},
    }


def _sunday(year: int, month: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=6 - first.weekday() + 7 * (nth - 1))


@cache
def festivals(year: int) -> dict[str, date]:
    """Return each festival's date, by name.

    腊八 and 小年 belong to the year whose 春节 they lead to, so 腊八 may fall in the
    last days of the December before. Outside the table (see `known`) only the
    festivals with a solar date are returned.
    """
    fixed = {name: date(year, *on) for name, on in _FIXED.items()}
    sundays = {name: _sunday(year, *rule) for name, rule in _SUNDAYS.items()}
    return {**_moving(year), **fixed, **sundays}


def festival(name: str, year: int) -> date | None:
    """Return the date of one festival, or None where it is not known."""
    return festivals(year).get(name)


def festival_days(year: int) -> dict[date, str]:
    """Return the festivals that fall in the calendar year: date → names joined by 、."""
    names: defaultdict[date, list[str]] = defaultdict(list)
    for edition in (year, year + 1):
        for name, day in festivals(edition).items():
            if day.year == year:
                names[day].append(name)
    return {day: "、".join(found) for day, found in sorted(names.items())}
