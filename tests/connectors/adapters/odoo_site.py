"""What is read in Odoo itself asks no network; see test_odoo_site.py, and the addon's own tests for the records."""

from .base import Adapter, adapter


@adapter("odoo_blog")
@adapter("odoo_forum")
@adapter("mail_gateway")
class LocalAdapter(Adapter):
    """Nothing to ask."""
