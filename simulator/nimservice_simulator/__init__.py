"""Simulator: an in-memory API server, Metacontroller's loop and the controllers of a cluster.

It is for the demo, ``simulate`` and tests. Real clusters run Metacontroller and a real API server.
"""
