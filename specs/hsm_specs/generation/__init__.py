"""Random programs, steered by the model alone."""
