"""What layouts share: keys, looks, lists, hidden tables, packed values."""
