"""The client over TLS: whom it believes, and that its limits hold there too."""

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.http import Http


def test_a_self_signed_certificate_is_refused(tmp_path):
    pytest.importorskip("cryptography")
    certificate, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection = listener.accept()[0]
            try:
                context.wrap_socket(connection, server_side=True)
            except OSError:
                pass

        threading.Thread(target=serve, daemon=True).start()
        with Http(allowed_hosts=["127.0.0.1"]) as http, pytest.raises(errors.Retriable) as caught:
            http.get(f"https://127.0.0.1:{listener.getsockname()[1]}/")
    assert "certificate" in caught.value.message


def test_a_drip_over_tls_is_cut_off_too(tmp_path, monkeypatch):
    pytest.importorskip("cryptography")
    certificate, key = self_signed(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection = context.wrap_socket(listener.accept()[0], server_side=True)
            connection.recv(10000)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            try:
                while True:
                    connection.sendall(b"x")
                    time.sleep(0.05)
            except OSError:
                pass

        threading.Thread(target=serve, daemon=True).start()
        with Http(allowed_hosts=["localhost"], request_seconds=0.8) as http, pytest.raises(errors.Retriable) as caught:
            http.get(f"https://localhost:{listener.getsockname()[1]}/")
    assert "too slowly" in caught.value.message


def self_signed(folder):
    """Return paths of a certificate for localhost and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file
