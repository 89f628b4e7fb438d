"""The workbook of one store: 日报, months, tasks, 说明."""
