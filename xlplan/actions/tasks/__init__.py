"""任务: the team's month made with dates, kept as people change it."""
