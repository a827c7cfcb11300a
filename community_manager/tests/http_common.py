from odoo.tests import HttpCase

from odoo.addons.community_manager.controllers import consent, participation

from .common import CommunityMixin


class CommunityHttpCase(CommunityMixin, HttpCase):
    """Base of tests that open our screens and pages, in the browser or by their address."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_community()

    def setUp(self):
        super().setUp()
        # all tests come from one address: what others asked for does not count here
        for pages in (consent, participation):
            pages.limiter._seen.clear()

    @classmethod
    def _request_handler(cls, s, r, /, **kw):
        # Odoo's guard over requests in tests knows no pair of timeouts
        return super()._request_handler(s, r, **{**kw, "timeout": 20})
