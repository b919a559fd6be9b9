"""Shrinking: smaller programs that still fail."""
