"""Where a month, a quarter and a year will land, how sure that is, and how well it was foreseen."""
