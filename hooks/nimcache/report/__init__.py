"""Report: how the model manifest of an image reaches the hooks: packed into the termination messages of the probe's containers."""
