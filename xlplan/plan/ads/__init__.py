"""Promotion money: response curves where the data allows them, and what follows from them."""
