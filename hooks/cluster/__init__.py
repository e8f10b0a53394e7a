"""Kube: the ``Api`` over a real API server, so that Metacontroller's loop runs there as it does on the stand-in.

Needs lightkube, the extra ``cluster``; its modules are imported only where a cluster is asked for.
"""
