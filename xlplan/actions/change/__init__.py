"""分摊, 锁定, 版本, 情景, 识别改动: changing the plan."""
