"""Who makes the files of these tests."""

from __future__ import annotations

import pytest

from tests.sources.kinds.drawn import Maker


@pytest.fixture
def make(tmp_path):
    return Maker(tmp_path)
