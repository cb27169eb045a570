"""Every field of a conversation, once: what stores it, how it is asked for, counted and written into tables.

`field.py` says what a field is, `conversation.py` has one row a field, `questions.py` what can be asked about them.
"""
