"""The fault drill of ingest: real servers, real workers, random faults, and an oracle that knows what must be there."""
