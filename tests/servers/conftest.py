from .fixtures import bluesky, matrix, mediawiki, snac, wordpress  # noqa: F401
