"""Look-up of the class that a config names in a registry."""

from mmengine.registry import Registry


def registered(registry: Registry, name: object) -> type | None:
    """Return what a registry has under a name, None where that is nothing."""
    try:
        return registry.get(name) if isinstance(name, str) and name else None
    except (RuntimeError, ImportError):
        # A dotted name that leads nowhere.
        return None
