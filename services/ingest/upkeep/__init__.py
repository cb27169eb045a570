"""What runs behind the log: nothing here is in the way of an event."""
