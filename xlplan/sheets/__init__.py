"""Each sheet's layout as data; rendering to blocks and reading back."""
