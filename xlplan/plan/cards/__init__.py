"""指标卡: named targets that no table of the plan has a place for, measured, weighted and scored."""
