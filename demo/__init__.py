"""Believable traffic, endless, sent through the producer library like that of any chatbot runtime."""
