"""Cluster: a real API server behind the same ``Api`` as the simulator's.

It needs lightkube, from the extra ``cluster``. Import its modules only where a command reads a
cluster.
"""
