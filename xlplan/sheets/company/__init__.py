"""The company's workbook: many plan books together, live over one table of store months."""
