"""The log: what an event of it is, and how it is written."""
