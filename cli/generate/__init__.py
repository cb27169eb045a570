"""Files that are made from code: `python -m cli.generate [NAME...] [--check]`."""
