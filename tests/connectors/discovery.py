"""Checks of what goes to and fro against published schemas, in the form of Google's discovery documents.

A fake that answers what no schema has would prove nothing; a connector that asks what no method has would not work.
"""

import json
import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

DATA = Path(__file__).parent / "data"
TYPES = {"string": str, "integer": int, "boolean": bool, "number": (int, float), "array": list, "object": dict}


class Schemas:
    """The documents of one network.

    :ivar set used: names of the methods that were asked
    """

    def __init__(self, code):
        self.documents = json.loads((DATA / code / "schemas.json").read_text())
        self.used = set()

    def find(self, request):
        """Return (document, name, method) of a request."""
        parts = urlsplit(request.url)
        for document in self.documents:
            if urlsplit(document["root"]).netloc != parts.netloc:
                continue
            for name, method in document["methods"].items():
                pattern = "".join(
                    "[^/:]+" if piece.startswith("{") else re.escape(piece)
                    for piece in re.split(r"(\{[^}]+\})", "/" + method["path"])
                )
                if method["httpMethod"] == request.method and re.fullmatch(pattern, unquote(parts.path)):
                    return document, name, method
        raise AssertionError(f"no method for {request.method} {parts.netloc}{parts.path}")

    def check(self, request, answer):
        """Check one exchange."""
        document, name, method = self.find(request)
        self.used.add(name)
        schemas = document["schemas"]
        asked = parse_qsl(urlsplit(request.url).query)
        for parameter, value in asked:
            assert parameter in method["parameters"], f"{name}: unknown parameter {parameter}"
            self.parameter(f"{name}?{parameter}", value, method["parameters"][parameter])
        for parameter, wanted in method["parameters"].items():
            assert not wanted.get("required") or parameter in dict(asked), f"{name}: {parameter} is missing"
        if "request" in method:
            self.value(name, json.loads(request.body), {"$ref": method["request"]}, schemas)
        status, _headers, body = answer
        if 200 <= status < 300 and body and "response" in method:
            self.value(name, json.loads(body), {"$ref": method["response"]}, schemas)

    @staticmethod
    def parameter(where, value, wanted):
        if wanted["type"] == "integer":
            assert value.isdigit(), where
            assert int(value) <= int(wanted.get("maximum", 10**9)), where
        if wanted["type"] == "boolean":
            assert value in ("true", "false"), where
        assert value in wanted.get("enum", [value]), where

    def value(self, where, value, wanted, schemas):
        """Check a value and all that is in it."""
        if "$ref" in wanted:
            wanted = schemas[wanted["$ref"]]
        kind = wanted.get("type", "object")
        if value is None:
            return
        assert isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool)), (where, value)
        if kind == "array":
            for one in value:
                self.value(where + "[]", one, wanted["items"], schemas)
        elif kind == "object":
            known, others = wanted.get("properties", {}), wanted.get("additionalProperties")
            for name, one in value.items():
                assert name in known or others, f"{where}: unknown field {name}"
                self.value(f"{where}.{name}", one, known.get(name, others), schemas)
        elif kind == "string":
            assert value in wanted.get("enum", [value]), (where, value)


def checked(code, adapter, elsewhere=()):
    """Return (function that answers for an adapter and checks each exchange, its :class:`Schemas`).

    :param elsewhere: hosts that the documents do not speak of
    """
    schemas = Schemas(code)

    def answer(request):
        found = adapter.answer(request)
        if urlsplit(request.url).netloc not in elsewhere:
            schemas.check(request, found)
        return found

    return answer, schemas
