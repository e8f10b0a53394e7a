"""Recorded: the model store of a workload in ``status.modelStore``.

Beside it stands a hash of the ``spec.storage`` that it came from.
"""

from dataclasses import asdict, fields

from pydantic import ValidationError

from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping
from hooks.nimservice.api import status as api
from hooks.nimservice.modelstore.store import ModelStore, is_count


def of(store: ModelStore, hashed: str) -> Manifest:
    """Return ``status.modelStore`` for a model store and the hash of its storage."""
    taken = (
        {
            wire_name(key): value
            for key, value in asdict(store).items()
            if value not in (None, False)
        }
        if store.nim_cache
        else {}
    )
    return {"storageHash": hashed, **taken}


def of_status(status: Manifest) -> Manifest:
    """Return the record in a status, or an empty one if no pod can be made from it."""
    record = mapping(status.get("modelStore"))
    try:
        gpus = api.ModelStore.model_validate(record).gpus
    except ValidationError:
        return {}
    return record if is_count(gpus or "1") else {}


def recall(memory: Manifest) -> ModelStore:
    """Return the model store in ``status.modelStore``."""
    given = {each.name: memory.get(wire_name(each.name)) for each in fields(ModelStore)}
    return ModelStore(**{name: value for name, value in given.items() if value is not None})


def wire_name(field: str) -> str:
    """Return the name of a field of the model store in the status."""
    return _WIRE.get(field, field)


_WIRE = {
    "claim": "claimName",
    "sub_path": "subPath",
    "nim_cache": "nimCache",
    "model_name": "modelName",
    "model_path": "modelPath",
    "hugging_face": "huggingFace",
}
