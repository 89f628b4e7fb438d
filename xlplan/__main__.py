"""`python -m xlplan` is the command line."""

from xlplan.cli import main

main()
