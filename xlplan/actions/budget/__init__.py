"""预算: the workbook, forms of other systems, what finance has closed."""
