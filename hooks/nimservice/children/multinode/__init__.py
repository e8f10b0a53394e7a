"""Multi-node: the children of a NIMService whose replicas are groups of pods."""
