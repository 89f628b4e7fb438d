"""The pure planning core: numpy and pandas, no files, no cells, no clock."""
