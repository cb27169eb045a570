"""Looks at the worker from outside: lag, stalls, what operators decided."""
