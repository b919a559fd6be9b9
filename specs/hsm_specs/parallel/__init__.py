"""Running shards in parallel: pools of workers, their schedule and their cancellation."""
