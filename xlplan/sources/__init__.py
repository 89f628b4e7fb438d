"""Outside files and databases, read into actuals."""
