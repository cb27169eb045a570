"""The content of a customer's file."""
