"""A plain, mutable implementation of hsm, and the adapter that offers it to the conformance suite."""
