"""计划书: what people write into the yearly plan, kept in the book so that every document says it."""
