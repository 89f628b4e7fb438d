"""What is kept when the program itself fails."""

from __future__ import annotations

import stat
import tempfile

from xlplan.cli.printing import crash


def test_the_crash_log_is_private_and_never_written_through_a_link(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    other = tmp_path / "other.txt"
    other.write_text("其他人的")
    (tmp_path / "xlplan-error.log").symlink_to(other)  # laid in wait in the shared folder
    crash(ValueError("坏了 \udcff"))
    (log,) = tmp_path.glob("xlplan-error-*.log")
    assert other.read_text() == "其他人的"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert "坏了" in log.read_text("utf-8")
    assert log.name in capsys.readouterr().err.replace("\n", "")
