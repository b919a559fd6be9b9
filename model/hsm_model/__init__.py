"""The reference model of Temporal's ``hsm`` package, as documented at v1.24.0-m3.4: a tree of persisted state machines.

State is a value: an operation computes a new one and swaps it in, and a failed one swaps nothing in. What the
documentation demands is a record of small rules (`hsm_model.semantics`), each carrying its requirement's ID.
"""
