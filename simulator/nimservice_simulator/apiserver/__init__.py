"""Server: the parts of the in-memory API server, one for each step of a write."""
