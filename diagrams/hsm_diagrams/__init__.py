"""Diagrams for designers, drawn from the executed model and from recorded runs, so that they cannot drift from them."""
