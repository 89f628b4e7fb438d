"""The budget as finance keeps it: accounts, amounts, tax, what stands beside what."""
