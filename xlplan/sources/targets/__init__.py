"""Targets as people draw them: `read_targets` turns any sane table into claims."""

from __future__ import annotations

from xlplan.sources.targets.reading import OtherYearError, TargetList, claims_of, read_targets

__all__ = ["OtherYearError", "TargetList", "claims_of", "read_targets"]
