"""Files ask nobody."""

from .base import Adapter, adapter


@adapter("import")
class ImportAdapter(Adapter):
    """Nothing to ask."""
