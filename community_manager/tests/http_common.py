from odoo.tests import HttpCase

from .common import CommunityMixin


class CommunityHttpCase(CommunityMixin, HttpCase):
    """Base of tests that open our screens and pages, in the browser or by their address."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_community()

    @classmethod
    def _request_handler(cls, s, r, /, **kw):
        # Odoo's guard over requests in tests knows no pair of timeouts
        return super()._request_handler(s, r, **{**kw, "timeout": 20})
