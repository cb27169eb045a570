"""How to read conversations: filters, pages, transcripts, files. Never writes; every call names its account."""
