"""The contract of exports: what query writes into a job and export reads from it, and what both say about it."""
