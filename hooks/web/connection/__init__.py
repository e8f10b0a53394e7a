"""Connection: from the socket to a request that is there as a whole, and back."""
