"""File names from names that people typed: safe on every system, inside the folder meant."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from xlplan.errors import InputError
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MOST_BYTES = 120
_FORBIDDEN = regex(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = regex(r"(?:CON|PRN|AUX|NUL|CLOCK\$|COM[0-9¹²³]|LPT[0-9¹²³])", re.IGNORECASE)


def safe_name(text: str, otherwise: str = "未命名") -> str:
    """Return a file name stem for `text` (RELIABILITY X13).

    Normalised (NFKC), without path signs, control, direction and format characters, outer
    dots and blanks; device names of Windows get a mark; cut to `MOST_BYTES` of UTF-8.
    """
    plain = unicodedata.normalize("NFKC", text)
    kept = "".join(sign for sign in plain if unicodedata.category(sign) not in ("Cf", "Cs", "Co", "Cn"))  # fmt: skip
    name = _shortened(_FORBIDDEN.sub("_", kept).strip(" .\t")).strip(" .")
    if not name.strip("_"):
        name = otherwise
    return f"_{name}" if _RESERVED.fullmatch(name.partition(".")[0].strip()) else name


def _shortened(text: str) -> str:
    return text.encode()[:MOST_BYTES].decode(errors="ignore")


def distinct_names(texts: Iterable[str]) -> dict[str, str]:
    """Return text → safe name, no two alike even where case does not count."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for text in texts:
        name = stem = safe_name(text)
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}_{number}"
        taken.add(name.casefold())
        names[text] = name
    return names


def inside(folder: Path, name: str) -> Path:
    """Return the path of `name` in `folder`; InputError when it would be anywhere else."""
    path = folder / name
    if path.resolve().parent != folder.resolve():
        raise InputError(f"“{name}”不能作为文件名", "请改店铺名，不要含路径符号")
    return path
