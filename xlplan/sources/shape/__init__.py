"""Tables as people draw them → tables with one head row over the rows of one date each."""
