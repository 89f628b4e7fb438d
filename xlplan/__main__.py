"""`python -m xlplan` is the command line."""

from xlplan.cli.app import main

main()
