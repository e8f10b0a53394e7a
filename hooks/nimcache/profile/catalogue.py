"""Catalogue: the profiles that an image offers, as its model manifest lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Profile:
    """A profile of a model."""

    name: str
    tags: Mapping[str, str]
    """What it is made for; the keys are the image's."""
    model: str = ""
    release: str = ""

    def tag(self, *keys: str) -> str:
        """Return the first tag of these keys that is not empty, in lower case."""
        return next((self.tags[key].lower() for key in keys if self.tags.get(key)), "")

    def truth(self, key: str) -> bool:
        """Return whether a tag is true; an absent one is not."""
        return self.tag(key) == "true"

    @property
    def engine(self) -> str:
        """The engine that runs it."""
        return self.tag("llm_engine", "model_type", "backend").replace("triton", "tensorrt")

    @property
    def gpus(self) -> tuple[str, ...]:
        """The products that it is made for, as the image spells them."""
        return tuple(self.tags[key] for key in ("gpu", "key") if self.tags.get(key))

    @property
    def gpu_pattern(self) -> str:
        """The expression that the products it is made for match."""
        return self.tags.get("product_name_regex", "")

    @property
    def specific(self) -> bool:
        """Whether it is made for some GPUs alone."""
        return bool(self.gpus or self.gpu_pattern)

    @property
    def buildable(self) -> bool:
        """Whether its engine is built on the node."""
        return self.truth("trtllm_buildable")


@dataclass(frozen=True)
class Catalogue:
    """All profiles of an image."""

    profiles: tuple[Profile, ...]
    listed: bool
    """Whether the manifest is a list, as newer images write it, and not a map."""

    @cached_property
    def gpus(self) -> tuple[str, ...]:
        """The products that any profile is made for."""
        return tuple(sorted({gpu for profile in self.profiles for gpu in profile.gpus}))

    def named(self, name: str) -> Profile | None:
        """Return a profile by its name."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> Mapping[str, Profile]:
        return {each.name: each for each in self.profiles}
