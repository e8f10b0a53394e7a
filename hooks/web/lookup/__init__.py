"""Look-up: the names of models, asked of model servers beside the syncs."""
