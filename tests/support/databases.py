"""Servers of PostgreSQL and MariaDB for the tests: started in a folder of their own, gone afterwards.

Both come from Debian (`apt install postgresql mariadb-server`); nothing that runs already is touched.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "Correct-horse1"  # noqa: S105  # of servers that live for one test run
_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(name: str) -> str | None:
    """Return where a server's program lies; Debian keeps those of PostgreSQL off the path."""
    places = [*sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), Path("/usr/sbin", name)]
    found = [str(one) for one in places if os.access(one, os.X_OK)]
    return shutil.which(name) or (found[-1] if found else None)


def _owner(user: str) -> dict[str, str]:
    """Servers refuse to run as root: there they get their own user."""
    return {"user": user, "group": user} if os.geteuid() == 0 else {}


@contextmanager
def _home(user: str):
    """Yield a new folder that belongs to a server's user, outside of what pytest keeps to itself."""
    with tempfile.TemporaryDirectory(prefix="xlplan-db-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        folder.chmod(0o755)
        data = folder / "data"
        data.mkdir()
        if os.geteuid() == 0:
            shutil.chown(data, user, user)
        yield data


def answered(connect, seconds: float = _SECONDS):
    """Return the first connection a server grants: it may still be making itself ready."""
    until = time.monotonic() + seconds
    while True:
        try:
            return connect()
        except Exception:  # any driver's refusal
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _certificate(folder: Path, user: str) -> None:
    """Make a key, and a certificate that signs itself, for a server on 127.0.0.1."""
    told = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    files = ["-keyout", str(folder / "server.key"), "-out", str(folder / "server.crt")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *files, *told],
        check=True,
        capture_output=True,
    )
    for name in ("server.key", "server.crt"):
        (folder / name).chmod(0o600 if name.endswith("key") else 0o644)
        if os.geteuid() == 0:
            shutil.chown(folder / name, user, user)


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")


@contextmanager
def _running(command: list[str], port: int, folder: Path, user: str):
    log = folder.parent / "server.log"
    with log.open("wb") as told:
        server = subprocess.Popen(command, stdout=told, stderr=told, cwd=folder, **_owner(user))
        try:
            _wait(port, server, log)
            yield
        finally:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


@contextmanager
def postgres():
    """Yield the port of a PostgreSQL with TLS, and its certificate; user ``reader`` may do all."""
    with _home("postgres") as data:
        yield from _postgres(data, free_port())


def _postgres(data: Path, port: int):
    secret = data.parent / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    told = [
        "-D",
        str(data),
        "-U",
        "reader",
        "-A",
        "scram-sha-256",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    ]
    subprocess.run(
        [str(program("initdb")), *told, f"--pwfile={secret}", "--no-sync"],
        check=True,
        capture_output=True,
        **_owner("postgres"),
    )
    _certificate(data, "postgres")
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "ssl": "on",
        "fsync": "off",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [str(program("postgres")), "-D", str(data), *options]
    with _running(command, port, data, "postgres"):
        yield port, data / "server.crt"


@contextmanager
def mariadb(*, tls: bool = True):
    """Yield the port of a MariaDB, and its certificate; ``reader`` may do all in ``shop``."""
    with _home("mysql") as data:
        yield from _mariadb(data, free_port(), tls=tls)


def _mariadb(data: Path, port: int, *, tls: bool):
    subprocess.run(
        [str(program("mariadb-install-db")), "--no-defaults", f"--datadir={data}", "--skip-test-db",
         "--auth-root-authentication-method=normal"],
        check=True,
        capture_output=True,
        cwd=data,
        **_owner("mysql"),
    )  # fmt: skip
    (data / "begin.sql").write_text(
        "CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;"
        f"\nCREATE USER reader@'%' IDENTIFIED BY '{PASSWORD}';\nGRANT ALL ON shop.* TO reader@'%';"
        f"\nCREATE USER stranger@'%' IDENTIFIED BY '{PASSWORD}';\n"
    )
    (data / "begin.sql").chmod(0o644)
    told = [
        f"--datadir={data}",
        f"--port={port}",
        "--bind-address=127.0.0.1",
        f"--socket={data}/s",
        "--skip-log-bin",
    ]
    told += [
        f"--init-file={data}/begin.sql",
        "--innodb-flush-log-at-trx-commit=0",
        f"--pid-file={data}/pid",
    ]
    if tls:
        _certificate(data, "mysql")
        told += [f"--ssl-cert={data}/server.crt", f"--ssl-key={data}/server.key"]
    with _running([str(program("mariadbd")), "--no-defaults", *told], port, data, "mysql"):
        yield port, data / "server.crt"
