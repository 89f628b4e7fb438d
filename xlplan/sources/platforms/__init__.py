"""The exports that are known by name, one small declaration each."""

from __future__ import annotations

from xlplan.sources.platforms.douyin import DOUYIN
from xlplan.sources.platforms.jd import JD
from xlplan.sources.platforms.orders import ORDERS
from xlplan.sources.platforms.pdd import PDD
from xlplan.sources.platforms.promotion import PROMOTION
from xlplan.sources.platforms.sycm import SYCM

#: Every declared source; the generic sheet comes after all of them.
SOURCES = (*SYCM, *PROMOTION, *ORDERS, *JD, *PDD, *DOUYIN)

__all__ = ["SOURCES"]
