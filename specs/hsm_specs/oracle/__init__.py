"""The oracle: predictions of the reference model, and the comparison of observations with them."""
