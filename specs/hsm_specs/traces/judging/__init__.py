"""Judging of recorded traces."""
