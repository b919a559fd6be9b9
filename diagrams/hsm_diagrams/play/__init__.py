"""Explored graphs as pages to play with: one file that a browser opens from disk."""
