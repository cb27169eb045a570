"""Folds the log anew into a second schema, beside the live projections, and puts it in their place."""
