"""Fingerprints of modules: what on disk belongs to which weights."""

import hashlib
import json
from collections.abc import Mapping

import torch
from torch import Tensor, nn

DIGEST_BYTES = 16


def weight_state(module: nn.Module) -> tuple[tuple[int, int], ...]:
    """Return what changes when a weight is replaced or written to; quick."""
    return tuple((id(t), t._version) for t in _tensors(module).values())


def module_fingerprint(module: nn.Module, about: Mapping) -> str:
    """Return a digest of all weights of a module and of what else is told.

    Args:
        module: The module.
        about: Settings, fit for JSON.
    """
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    digest.update(json.dumps(about, sort_keys=True).encode())
    for key, tensor in sorted(_tensors(module).items()):
        digest.update(key.encode())
        update_digest(digest, tensor.detach().cpu())
    return digest.hexdigest()


def tensor_digest(tensor: Tensor) -> str:
    """Return a digest of a tensor's type, shape and values."""
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    update_digest(digest, tensor)
    return digest.hexdigest()


def update_digest(digest: 'hashlib._Hash', values: Tensor) -> None:
    """Add a tensor on the CPU to a digest."""
    digest.update(f'{values.dtype} {tuple(values.shape)}'.encode())
    flat = values.contiguous().reshape(-1)
    if flat.numel():
        digest.update(flat.view(torch.uint8).numpy())


def _tensors(module: nn.Module) -> dict[str, Tensor]:
    return {**dict(module.named_parameters()), **dict(module.named_buffers())}
