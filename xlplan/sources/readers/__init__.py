"""Bytes of any container → raw tables."""
