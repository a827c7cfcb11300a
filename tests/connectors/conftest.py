"""A web server on loopback whose every byte a test decides, and a client that may reach it."""

import socket
import threading

import pytest

from connectors.http import Http


class LoopbackServer:
    """Accepts connections and hands each request to ``answer(request, connection)``.

    ``request`` is a dict with ``line``, ``path`` and lower-case ``headers`` and the ``body``; ``answer`` returns the
    bytes to send, or sends by itself and returns ``None``, which closes the connection.
    """

    def __init__(self):
        self.requests = []
        self.connections = 0
        self.answer = lambda request, connection: ok(b"hello")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, connection.makefile("rb") as reader:
            try:
                while request := self._read(reader):
                    self.requests.append(request)
                    answer = self.answer(request, connection)
                    if answer is None:
                        return
                    connection.sendall(answer)
            except OSError:
                return

    @staticmethod
    def _read(reader):
        line = reader.readline().decode("latin-1").strip()
        if not line:
            return None
        headers = {}
        while header := reader.readline().decode("latin-1").strip():
            name, _sep, value = header.partition(":")
            headers[name.lower()] = value.strip()
        body = reader.read(int(headers.get("content-length", 0)))
        return {"line": line, "path": line.split(" ")[1], "headers": headers, "body": body}

    def close(self):
        """Refuse connections from now on."""
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()


def ok(body=b"", status="200 OK", **headers):
    """Return the bytes of an answer; header names are given with underscores."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


@pytest.fixture
def server():
    server = LoopbackServer()
    yield server
    server.close()


@pytest.fixture
def other_server():
    server = LoopbackServer()
    yield server
    server.close()


@pytest.fixture
def client(server):
    with Http(allowed_hosts=[server.host], timeout=(2, 2)) as http:
        yield http


@pytest.fixture
def answering():
    """Return a maker of clients that answer from a function instead of the network."""

    def make(answer, **options):
        return Http(transport=answer, **options)

    return make
