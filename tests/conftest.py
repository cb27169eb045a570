"""Fixtures for every tier. A server starts only when a test asks for it."""

pytest_plugins = ["tests.support.stack", "tests.support.processes", "tests.support.secure_stack"]
