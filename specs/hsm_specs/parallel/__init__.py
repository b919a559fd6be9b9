"""Shards of work, run in order by this process, worker processes or a cluster."""
