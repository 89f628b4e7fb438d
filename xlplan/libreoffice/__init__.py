"""An xlwings engine backed by LibreOffice."""
