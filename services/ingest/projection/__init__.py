"""From events of the log to the rows of the projections: one package a subject, and beside them what folds a batch."""
