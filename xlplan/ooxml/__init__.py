""".xlsx files as they are on disk: bounded reading, surgical patching, durable replace."""
