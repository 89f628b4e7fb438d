"""The command line: a thin face over `commands`, in Chinese."""


def main() -> None:
    """Run the command line (the entry point of the installed program)."""
    import gc

    gc.set_threshold(200_000, 50, 100)  # a command's process lives for seconds: see ribbon.run
    from xlplan.cli.app import main as run

    run()
