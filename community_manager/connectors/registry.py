"""Which networks there are."""

import importlib
import pkgutil

_networks = {}


def register(cls):
    """Class decorator: make a network known under its ``code``.

    :raises ValueError: the code is empty or belongs to another class
    """
    known = _networks.get(cls.code)
    if not cls.code or (known and known.__qualname__ != cls.__qualname__):
        raise ValueError(f"network code {cls.code!r} is empty or taken")
    _networks[cls.code] = cls
    return cls


def unregister(code):
    """Forget a network (for tests and for addons that are removed)."""
    _networks.pop(code, None)


def networks():
    """Return ``{code: class}`` of all known networks, sorted by label."""
    return dict(sorted(_networks.items(), key=lambda entry: entry[1].label.lower()))


def network(code):
    """Return the class of a network, or ``None`` when its connector is not installed."""
    return _networks.get(code)


def load():
    """Import every module of this folder, so that what it registers is known."""
    package = importlib.import_module(__package__)
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{__package__}.{module.name}")
