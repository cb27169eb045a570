"""How pages look to a browser."""
