"""Keeps the child process light: xlwings does without numpy."""

raise ImportError("numpy is not needed here")
