"""One conversation: its detail, its transcript, and ending it."""
