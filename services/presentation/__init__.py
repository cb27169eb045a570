"""How a conversation reads to a person: language, zone, words, parts and entries as plain values.

Pages, PDF and CSV say what stands here; they only lay it out. Icons, colours and mark-up are theirs.
"""
