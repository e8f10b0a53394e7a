"""Local stand-in: an in-memory API server, Metacontroller's loop and a cluster script, so that hooks run without a cluster.

A stand-in, for the demo, ``simulate`` and tests: real clusters run Metacontroller and a real API server.
"""
