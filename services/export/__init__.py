"""Jobs to files: CSV of a filtered list, PDF transcript of one conversation. `python -m services.export` starts it."""
