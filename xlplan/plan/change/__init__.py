"""Changing the plan: what is wanted, what may not move, what follows, what it did."""
