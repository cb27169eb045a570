"""The exports tray: asking for a file, watching it, fetching it, cancelling it."""
