from .fixtures import snac, wordpress  # noqa: F401
