"""Stateless Metacontroller hooks for the NIMService API (apps.nvidia.com/v1alpha1)."""

__version__ = "0.1.0"
