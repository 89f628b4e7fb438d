"""首页 outside the book: a page for the phone, a PDF, a picture."""
