"""Deliberately broken builds: each takes one rule away, so that a check can prove that it would notice.

Nothing in the product knows of them. `python -m tests.support.canaries.ingest` runs a broken worker as a process: the one
that the variable CANARY names.
"""
