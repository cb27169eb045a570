"""`python -m cli` is `bitacora`."""

from cli.app import main

main()
