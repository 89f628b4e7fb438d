"""Builds, installs and checks the Excel add-in."""

from __future__ import annotations

from xlplan.addin.build import build_addin, make
from xlplan.addin.check import check_addin
from xlplan.addin.host import Host, host
from xlplan.addin.install import Status, install_addin, remove_addin, status
from xlplan.addin.ribbon import RibbonAction, customui, macros_text

__all__ = [
    "Host",
    "RibbonAction",
    "Status",
    "build_addin",
    "check_addin",
    "customui",
    "host",
    "install_addin",
    "macros_text",
    "make",
    "remove_addin",
    "status",
]
