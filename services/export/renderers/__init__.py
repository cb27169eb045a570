"""One file a format: each makes a job's file and stores it."""
