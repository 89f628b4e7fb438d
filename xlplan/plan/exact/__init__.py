"""Exact arithmetic: money to the fen and counts to the unit, at every level at once."""
