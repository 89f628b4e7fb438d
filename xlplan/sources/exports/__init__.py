"""The exports that are known by name, one small declaration each."""

from __future__ import annotations

from xlplan.sources.exports.douyin import DOUYIN
from xlplan.sources.exports.jd import JD
from xlplan.sources.exports.orders import ORDERS
from xlplan.sources.exports.pdd import PDD
from xlplan.sources.exports.promotion import PROMOTION
from xlplan.sources.exports.sycm import SYCM

#: Every declared source; the generic sheet comes after all of them.
SOURCES = (*SYCM, *PROMOTION, *ORDERS, *JD, *PDD, *DOUYIN)

__all__ = ["SOURCES"]
