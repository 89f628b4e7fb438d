"""体检 of targets: one file a family of rules."""
