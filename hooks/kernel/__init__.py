"""Kernel: what every resource of the API shares; it imports no resource."""
