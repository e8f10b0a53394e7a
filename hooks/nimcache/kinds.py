"""Kinds: every kind of object that NIMCaches are made of or read."""

from hooks.kernel.kind import Kind

NIM_CACHE = Kind("apps.nvidia.com/v1alpha1", "NIMCache", "nimcaches")
