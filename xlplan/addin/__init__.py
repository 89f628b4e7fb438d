"""Builds, installs and checks the Excel add-in."""

from __future__ import annotations

from xlplan.addin.build import build, make
from xlplan.addin.check import check
from xlplan.addin.host import Host, host
from xlplan.addin.install import Status, install, remove, status
from xlplan.addin.ribbon import RibbonAction, customui, macros_text

__all__ = [
    "Host",
    "RibbonAction",
    "Status",
    "build",
    "check",
    "customui",
    "host",
    "install",
    "macros_text",
    "make",
    "remove",
    "status",
]
