"""The peers and bounds, each a process of its own: `python -m benchmarks.ingest.peers.NAME TASK.json`."""
