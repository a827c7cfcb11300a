from odoo.tests import HttpCase, tagged

from .test_contact_policy import ContactCase


@tagged("post_install", "-at_install")
class TestContactTour(ContactCase, HttpCase):
    """A manager puts a policy in force and sees what it holds back, and why."""

    def test_policy_and_what_it_holds(self):
        self.policy.name = "How often we write"
        self.limit(1)
        self.policy.in_force = True
        self.reserve(purpose="care")
        self.reserve(purpose="care", text="Lamps")
        self.policy.in_force = False
        self.env["community.contact.policy"].search([("id", "!=", self.policy.id)]).active = False
        self.start_tour("/odoo/community-contact-policies", "community_contact_tour", login=self.manager.login)
