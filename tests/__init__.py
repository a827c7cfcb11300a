"""Tests that need no Odoo plugin."""
