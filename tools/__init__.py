"""Tools: programs for the project itself, run from the root of a checkout and never installed."""
