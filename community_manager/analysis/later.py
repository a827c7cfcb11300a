"""Libraries that are loaded when they are used first, so that a process which only serves pages stays small."""

import importlib


class Later:
    """Stands for a module until something of it is asked for."""

    def __init__(self, name):
        """
        :param str name: of the module, as in ``import``
        """
        self._name = name

    def __getattr__(self, attribute):
        found = getattr(importlib.import_module(self._name), attribute)
        setattr(self, attribute, found)  # found at once the next time
        return found


numpy = Later("numpy")
