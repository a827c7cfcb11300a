from odoo.fields import Command
from odoo.tests import new_test_user

from .common import CommunityCase, item

QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "no_reset_password": True,
}


class RoutingCase(CommunityCase):
    """A channel that anything may come through, and a second company that none of the users belongs to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, **QUIET})
        cls.env["community.network"]._sync()
        cls.other_company = cls.env["res.company"].create({"name": "Other company"})
        cls.outsider = new_test_user(cls.env, "community_outsider", "base.group_user", name="Outsider")
        cls.channel = cls.make_quiet_channel()
        cls.said = 0

    @classmethod
    def make_quiet_channel(cls, name="Toy channel", **values):
        """Create a channel without access: items are given to it, it does not listen."""
        return cls.env["community.channel"].create({"name": name, "network": "toy", "state": "paused", **values})

    @classmethod
    def make_rule(cls, name="Rule", **values):
        """Create a rule; lists stand for many2many ids."""
        values = {key: [Command.set(value)] if isinstance(value, list) else value for key, value in values.items()}
        return cls.env["community.rule"].create({"name": name, **values})

    @classmethod
    def take(cls, *items, channel=None):
        """Let items come in through the one way in; return the mentions that were kept, in the order of the items."""
        channel = channel or cls.channel
        cls.ingest(channel, *items)
        wanted = [entry.external_id for entry in items]
        mentions = cls.env["community.mention"].search([("channel_id", "=", channel.id), ("external_id", "in", wanted)])
        return mentions.sorted(lambda mention: wanted.index(mention.external_id))

    @classmethod
    def say(cls, text="Acme is great", author="ann", channel=None, **values):
        """Let one text come in that is addressed to us, so that it is kept whatever the topics; return its mention."""
        cls.said += 1
        return cls.take(item(f"said-{cls.said}", text, author, **{"origin": "own", **values}), channel=channel)
