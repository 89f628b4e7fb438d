"""Actuals: what sources said, merged to one value a store, day and metric."""
