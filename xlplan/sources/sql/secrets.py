"""Credentials by reference only: ``${NAME}`` from the environment, ``keyring:service/user``.

A password is never read from a declaration, and what was looked up never gets
into a message (RELIABILITY X16): `Secrets.scrub` is the only way to a driver's words.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote, urlsplit

from xlplan.errors import InputError, PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: ``${NAME}`` or ``${keyring:service/user}``, inside a text.
REFERENCE = re.compile(r"\$\{([^{}]+)\}")
_KEYRING = re.compile(r"keyring:([^/]+)/(.+)")
_NAME = re.compile(r"[A-Za-z_]\w*")
_SECRET_KEY = re.compile(
    r"pass|pwd|secret|token|credential|auth|private|access.?key|api.?key", re.IGNORECASE
)
_LITERAL = "密码不能直接写在声明里"
_HOW = '请写成 "${环境变量名}" 或 "keyring:服务/用户"，并换掉已经写出来的密码'


def is_reference(text: str) -> bool:
    """Return True when all of `text` is a reference."""
    return bool(REFERENCE.fullmatch(text) or _KEYRING.fullmatch(text))


def refuse_literals(connection: str, password: str, options: Mapping[str, str]) -> None:
    """Raise InputError when a password stands in a declaration itself, without repeating it."""
    written = [password, _password_in(connection)]
    written += [value for name, value in options.items() if _SECRET_KEY.search(name)]
    if any(text and not is_reference(text) for text in written):
        raise InputError(_LITERAL, remedy=_HOW)


def _password_in(connection: str) -> str:
    """Return the password of a URL, or of its query, "" when it has none."""
    hidden = REFERENCE.sub("xlplanreference", connection)
    place, _, query = hidden.partition("?")
    login = place.partition("://")[2].rpartition("@")[0]
    pairs = (pair.partition("=") for pair in query.split("&"))
    asked = [value for key, _, value in pairs if _SECRET_KEY.search(key)]
    found = login.partition(":")[2] or next(iter(asked), "")
    return "" if found == "xlplanreference" else found


class Secrets:
    """Looks references up and remembers what must not be shown."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def resolve(self, text: str, *, secret: bool = False) -> str:
        """Return `text` with its references looked up; `secret` hides the whole of it later."""
        if _KEYRING.fullmatch(text):
            return self._look_up(text)
        found = REFERENCE.sub(lambda match: self._look_up(match[1]), text)
        if secret:
            self.hide(found)
        return found

    def resolve_url(self, text: str) -> str:
        """Return a connection with its references looked up, percent-encoded inside a URL."""
        if REFERENCE.fullmatch(text):
            found = self._look_up(text[2:-1])
            self.hide(unquote(urlsplit(found).password or "") if "://" in found else "")
            return found
        if "://" not in text:  # a file: nothing to encode
            return self.resolve(text)
        return REFERENCE.sub(lambda match: quote(self._look_up(match[1]), safe=""), text)

    def hide(self, text: str) -> None:
        """Remember a text, and its encodings, as not to be shown."""
        if text:
            self._known |= {text, quote(text, safe=""), quote_plus(text), repr(text)[1:-1]}

    def scrub(self, text: object) -> str:
        """Return a text for users: one line, short, nothing secret in it."""
        line = " ".join(str(text).split())
        for secret in sorted(self._known, key=len, reverse=True):
            line = line.replace(secret, "***")
        line = re.sub(r"(?<=://)[^\s@/]+@", "***@", line)
        return line if len(line) <= 300 else f"{line[:300]}…"

    def _look_up(self, name: str) -> str:
        if said := _KEYRING.fullmatch(name):
            found = _from_keyring(said[1], said[2])
        elif _NAME.fullmatch(name):
            found = os.environ.get(name)
        else:
            raise InputError(f"「{name}」不是环境变量名", remedy=_HOW)
        if not found:
            place = "钥匙串" if said else "环境变量"
            raise InputError(f"{place}里没有「{name}」", remedy=f"请先在{place}里设好再运行")
        self.hide(found)
        return found


def _from_keyring(service: str, user: str) -> str | None:
    try:
        import keyring
    except ImportError:
        raise missing("keyring") from None
    try:
        found: str | None = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        what = f"系统钥匙串用不了（{type(error).__name__}）"
        raise InputError(what, remedy='可以改用环境变量："${变量名}"') from None
    return found


def missing(package: str, extra: str = "sql") -> PlanError:
    """Return the refusal of a job whose optional package is not installed."""
    return PlanError(
        f"还没有安装 {package}，不能读数据库", remedy=f'请运行 pip install "xlplan[{extra}]"'
    )
