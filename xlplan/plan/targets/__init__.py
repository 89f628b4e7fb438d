"""Targets: what people state, in which words and units, and how statements agree."""
