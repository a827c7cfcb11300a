"""What the conformance suite needs to know of each network: a place where things are published, and how to ask it.

A new network brings one module here with an :class:`~.base.Adapter` under :func:`~.base.adapter`, and its recorded
answers under ``data/<code>/``.
"""

import importlib
import pkgutil

from .base import ADAPTERS, SECRET, START, Adapter, adapter

for module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{module.name}")

__all__ = ["ADAPTERS", "SECRET", "START", "Adapter", "adapter"]
