"""Order lines in databases and large files → daily facts."""
