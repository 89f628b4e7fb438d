"""指标卡: a line a named target, and _指标, where its months are looked up."""
