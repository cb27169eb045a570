"""The `bitacora` command: finds the command groups beside it and runs the one that was asked for.

A group is a file `cli/NAME_commands.py` with a function `register(app: typer.Typer) -> None`.
Groups import what they need inside their commands, so that `bitacora --help` stays quick.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

import typer

import cli

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_NOT_RUNNING = 3


def build_app() -> typer.Typer:
    """The whole command line, with every group in alphabetical order."""
    app = typer.Typer(
        name="bitacora",
        help="Bitácora: every conversation of your chatbots, found in a moment.",
        epilog="Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 no stack is running here.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for group in command_groups():
        group.register(app)
    return app


def command_groups() -> list[ModuleType]:
    """The modules that add commands."""
    names = sorted(found.name for found in pkgutil.iter_modules(cli.__path__))
    return [importlib.import_module(f"cli.{name}") for name in names if name.endswith("_commands")]


def main() -> None:
    """Entry point of the installed command."""
    build_app()()


if __name__ == "__main__":
    main()
