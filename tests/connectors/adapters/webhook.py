"""A system that posts signed messages."""

import json

from connectors.webhook import signature

from .base import SECRET, Adapter, adapter


@adapter("webhook")
class WebhookAdapter(Adapter):
    secrets = {"signing_key": SECRET}

    def push(self, content, now):
        """Return headers and body of a message."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        stamp = str(int(now.timestamp()))
        return {"x-community-timestamp": stamp, "x-community-signature": signature(SECRET, stamp, body)}, body

    def message(self, number):
        """Return the content of a message with ``number`` mentions, and their ids."""
        ids = [str(turn) for turn in range(number)]
        return {"mentions": [{"id": one, "text": f"text {one}"} for one in ids]}, ids
