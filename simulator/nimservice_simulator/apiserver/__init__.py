"""Server: the parts of the in-memory API server, one for each thing a real one does to an object."""
