"""The book as one value: read, compared, written, laid out."""
