"""Diagrams of machines with verdicts or coverage laid over them."""
