"""Changing named cells of a closed workbook and nothing else."""
