"""How a process runs here: settings, lifecycle, logs, health, metrics, PostgreSQL, files.

Knows nothing of conversations.
"""
