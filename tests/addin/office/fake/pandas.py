"""Keeps the child process light: xlwings does without pandas."""

raise ImportError("pandas is not needed here")
