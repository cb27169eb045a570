"""One batch of records, from the queue to its commit."""
