"""The budget workbook and the sheet 预算 of the plan book."""
