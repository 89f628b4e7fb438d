"""Ways to a workbook: a new file, a closed file, a book open in Excel."""
