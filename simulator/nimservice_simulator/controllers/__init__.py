"""Cluster: small controllers that do what a cluster's own would do, in virtual time."""
