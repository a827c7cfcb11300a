"""Encryption of channel access with a key that never enters the database.

The key comes from the environment variable ``COMMUNITY_MANAGER_KEY`` (a Fernet key: 32 bytes in URL-safe base64; needed
where several machines share a database), otherwise from the file ``community_manager.key`` in Odoo's data directory,
which is made with mode 0600 when the first secret is stored.
"""

import hashlib
import hmac
import os
import tempfile

from cryptography.fernet import Fernet, InvalidToken

from odoo.tools import config

KEY_VARIABLE = "COMMUNITY_MANAGER_KEY"
KEY_FILE = "community_manager.key"


class Unreadable(Exception):
    """The key is missing or is not the one that the secret was stored with."""


def _key_path():
    return os.path.join(config["data_dir"], KEY_FILE)


def _read_key():
    value = os.environ.get(KEY_VARIABLE, "").strip()
    if value:
        return value.encode()
    try:
        with open(_key_path(), "rb") as stream:
            return stream.read().strip() or None
    except FileNotFoundError:
        return None


def _make_key():
    """Write a new key file in one step, so that two workers end with the same key."""
    folder = config["data_dir"]
    os.makedirs(folder, mode=0o700, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=folder, prefix=KEY_FILE)  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(Fernet.generate_key())
        os.link(draft, _key_path())
    except FileExistsError:
        pass  # another worker was first: its key is the key
    finally:
        os.unlink(draft)
    return _read_key()


def fingerprint():
    """Return a short hash that tells one key from another, or ``""`` without a key."""
    key = _read_key()
    return hashlib.sha256(key).hexdigest()[:16] if key else ""


def ensure():
    """Make the key if there is none."""
    if not _read_key():
        _make_key()


def keyed(text):
    """Return a hash of ``text`` that nobody can make or try out without the key, which is made if there is none.

    :param str text: any
    :rtype: str of 64 hexadecimal digits
    """
    return hmac.new(_read_key() or _make_key(), text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def encrypt(text):
    """Return ``text`` as printable ciphertext, making the key first if there is none.

    :param str text: the secret
    :raises Unreadable: the key is not a Fernet key
    """
    try:
        return Fernet(_read_key() or _make_key()).encrypt(text.encode()).decode()
    except ValueError as error:
        raise Unreadable("the key is not 32 bytes in URL-safe base64") from error


def decrypt(ciphertext):
    """Return the text of :func:`encrypt`.

    :param str ciphertext: as stored
    :raises Unreadable: no key, another key, or a changed ciphertext
    """
    key = _read_key()
    if not key:
        raise Unreadable("there is no key")
    try:
        return Fernet(key).decrypt(ciphertext.encode()).decode()
    except (InvalidToken, ValueError) as error:
        raise Unreadable("the key is not the one the secret was stored with") from error
