"""The framework around the tree: a store with its queues, and the cells that run workflows on it."""
