"""Days: holidays, festivals, campaigns, the weights of days, and what history teaches of them."""
