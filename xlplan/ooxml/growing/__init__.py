"""Rows, columns and sheets put into a closed workbook; every part that needs no change stays."""
