"""Mails ask nobody; see test_email_alerts.py."""

from .base import Adapter, adapter


@adapter("email")
class EmailAdapter(Adapter):
    """Nothing to ask."""
