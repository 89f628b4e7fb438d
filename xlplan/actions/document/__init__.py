"""写计划书: the yearly plan as a Word document, numbers of the book and words of people."""
