"""The list of conversations: search, filters, chips, histogram and rows."""
