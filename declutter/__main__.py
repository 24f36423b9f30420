"""The command line as a module: ``python -m declutter``."""

from declutter.cli import main

if __name__ == "__main__":
    main(prog_name="declutter")
