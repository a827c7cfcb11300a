"""Text in, numbers out: no Odoo, no network, no database."""
