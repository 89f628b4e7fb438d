"""The command line: a thin face over `commands`, in Chinese."""


def main() -> None:
    """Run the command line (the entry point of the installed program)."""
    from xlplan.cli.app import main as run

    run()
