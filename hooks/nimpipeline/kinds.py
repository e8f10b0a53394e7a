"""Kinds: the parent of a pipeline's hooks, and the one kind that it is made of."""

from hooks.kernel.kind import Kind
from hooks.nimservice import kinds

NIM_PIPELINE = Kind("apps.nvidia.com/v1alpha1", "NIMPipeline", "nimpipelines", ("nimpipeline",))
NIM_SERVICE = kinds.NIM_SERVICE._replace(components=("nimpipeline",))

MANAGED = (NIM_SERVICE,)
"""Every kind that the component of pipelines manages."""
