"""Networks: one file each, no Odoo, no database."""

from .registry import load, network, networks, register, unregister

load()

__all__ = ["load", "network", "networks", "register", "unregister"]
