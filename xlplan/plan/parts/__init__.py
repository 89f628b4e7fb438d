"""Parts: categories and platforms, their shares, and what is agreed for them."""
