"""Checks: one fault each, made on purpose in one process, and everything that is wrong afterwards by name.

A check is run on the build as it is, where it must find nothing, and on deliberately broken builds
(`tests/support/canaries`), where it must find what is broken.
"""
