"""What each command does; thin steps over the core, the sheets and the books."""
