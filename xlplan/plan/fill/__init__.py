"""分解: from annual targets to a plan for every store and day."""
