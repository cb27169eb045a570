"""From events of the log to the rows of the projections: one package a subject, and beside them what folds a batch.

In each package `state` and `rows` say what is held, `fold` and its neighbours decide, `load` and `write` speak to the
database. § is a section of docs/semantics.md, where each rule stands in words.
"""
