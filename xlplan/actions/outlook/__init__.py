"""Where a year will land, why, and the ways of going on: what these commands do."""
