"""View models: pure functions from read-model rows to what a template prints."""
