"""A Kafka broker of a few hundred lines, in the test's own event loop, for faults that a real broker rarely shows.

It speaks the versions that aiokafka 0.14 picks, so aiokafka and Faust read from it unmodified. What it is for, and what
it is not, is in docs/decisions/0010-in-process-broker-for-injected-faults.md.
"""
