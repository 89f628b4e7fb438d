"""新建, 分解, 体检, 协调: from targets to a plan."""
