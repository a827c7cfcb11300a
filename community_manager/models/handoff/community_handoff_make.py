from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Command

from ..listening.community_ingest import QUIET
from .community_handoff import OPEN


class CommunityHandoff(models.Model):
    """What a hand-off makes in other applications, by what its department wants."""

    _inherit = "community.handoff"

    made_model = fields.Char(readonly=True, copy=False)
    made_id = fields.Many2oneReference(model_field="made_model", readonly=True, copy=False)
    made_name = fields.Char(compute="_compute_made_name", string="What was made")

    @api.depends("made_model", "made_id")
    def _compute_made_name(self):
        for handoff in self:
            made = handoff._made().sudo()
            kind = self.env["ir.model"]._get(made._name).name if made else ""
            handoff.made_name = f"{kind}: {made.display_name}" if made else False

    def _made(self):
        """Return the record that this made; an empty one when there is none, or none any more."""
        self.ensure_one()
        if not self.made_id or self.made_model not in self.env:
            return self.browse()
        return self.env[self.made_model].browse(self.made_id).exists()

    def action_open_made(self):
        """Open what this made."""
        self.ensure_one()
        return self.env["community.mention"]._open_followed(self._made())

    @api.model
    def _hand_to(self, department, mentions, asked="", reason="", member=None, user=None, rule=None):
        """Put mentions before a department: one hand-off for each conversation, added to when one is open there.

        Whether somebody may is the caller's question; here everything is done as superuser.

        :param department: one ``community.department``
        :param mentions: ``community.mention`` records of the same company
        :param str asked: what is asked; the usual question when empty
        :param member: the ``res.users`` who is asked, if one is named
        :param user: the ``res.users`` who tells the author afterwards; whoever has the mention when empty
        :param rule: the ``community.rule`` that does this, if one does
        :returns: the hand-offs, new ones and those that were added to
        """
        department = department.sudo()
        theirs = mentions.sudo().filtered(
            lambda mention: not mention.outgoing and mention.company_id == department.company_id
        )
        handoffs = self.sudo().with_company(department.company_id)
        found = handoffs.browse()
        groups = theirs.grouped(lambda mention: mention.conversation_id or mention)
        current = handoffs.search(
            [
                ("department_id", "=", department.id),
                ("state", "in", OPEN),
                "|",
                ("mention_ids", "in", theirs.ids),
                ("mention_ids.conversation_id", "in", theirs.conversation_id.ids),
            ],
            order="id",
        )
        known = {mention.conversation_id or mention: one for one in current for mention in one.mention_ids}
        for group, batch in groups.items():
            there = known.get(group)
            if there and not (asked and there.state == "outcome"):
                there._add(batch - there.mention_ids, asked, reason)
            else:  # none is open, or it is answered and something else is asked
                there = handoffs._open_with(department, batch, asked, reason, member, user, rule)
            found |= there
        return found.with_env(self.env)

    @api.model
    def _open_with(self, department, mentions, asked="", reason="", member=None, user=None, rule=None):
        """Make one hand-off about mentions, and what its department wants besides."""
        owner = user or mentions.user_id[:1] or (self.env.user if not self.env.user._is_superuser() else None)
        handoff = self.with_context(**QUIET).create(
            {
                "company_id": department.company_id.id,
                "department_id": department.id,
                "mention_ids": [Command.set(mentions.ids)],
                "member_id": member.id if member else False,
                "user_id": owner.id if owner else False,
                "asked": asked or self.env._("Please look at this and tell us what we may answer."),
                "reason": reason or (self.env._("The rule “%s” says so.", rule.name) if rule else False),
                "rule_id": rule.id if rule else False,
            }
        )
        handoff = handoff.with_context(**dict.fromkeys(QUIET, False))
        mentions.with_context(**QUIET).filtered(lambda mention: mention.department_id != department).write(
            {"department_id": department.id}
        )
        handoff._make()
        handoff._put_before()
        note = self.env._("Handed to %s", handoff._get_html_link(department.name))
        mentions._message_log_batch(dict.fromkeys(mentions.ids, note))
        return handoff

    def _add(self, mentions, asked="", reason=""):
        """Add what was said meanwhile to an open hand-off, and what else is asked, which its people are told."""
        if asked and asked not in (self.asked, *self.asked.split("\n\n")):
            reasons = dict.fromkeys(part for part in (self.reason, reason) if part)
            self.write({"asked": f"{self.asked}\n\n{asked}", "reason": "\n\n".join(reasons)})
            self._tell_asked()
        if not mentions:
            return
        self.with_context(**QUIET).write({"mention_ids": [Command.link(number) for number in mentions.ids]})
        self._message_log(body=self.env._("%d more mentions", len(mentions)))
        mentions.with_context(**QUIET).write({"department_id": self.department_id.id})

    def _make(self):
        """Make what the department wants; what cannot be made is said on the hand-off, which stands in any case."""
        for handoff in self:
            target = handoff.department_id.target
            made = getattr(handoff, f"_make_for_{target}")()
            if made:
                handoff.write({"made_model": made._name, "made_id": made[:1].id})

    def _make_for_activity(self):
        return None

    def _make_for_lead(self):
        made, added = self.env["community.lead"]._take_on(self.mention_ids, self._users("lead_id"))
        return made or added

    def _make_for_ticket(self):
        backend = self.env["community.ticket"]._backend()
        made, added = backend._take_on(self.mention_ids, self._users(backend._link_field()))
        return made or added

    def _make_for_partnership(self):
        return self._make_partnership(self.mention_ids, self.department_id)

    def _make_for_applicant(self):
        made = self._make_applicant(self.mention_ids, self.department_id)
        if made is None:
            self._message_log(body=self.env._("Recruitment is not installed, so nothing was made in it."))
        return made

    def _make_for_channel(self):
        channel = self.department_id.discuss_channel_id
        if not channel:
            self._message_log(body=self.env._("The Discuss channel of the department is gone."))
            return None
        body = Markup("<p>%s</p>") % self._get_html_link(f"{self.department_id.name}: {self.name}")
        channel.with_context(**dict.fromkeys(QUIET, False)).message_post(
            body=body, message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        return channel

    def _make_for_mail(self):
        labels = ((self.env._("What is asked"), self.asked), (self.env._("Why"), self.reason))
        body = Markup("").join(
            Markup("<p><strong>%s</strong><br/>%s</p>") % (label, text) for label, text in labels if text
        )
        link = Markup('<p><a href="%s">%s</a></p>') % (
            f"{self.get_base_url()}/odoo/community-handoffs/{self.id}",
            self.env._("Open the hand-off"),
        )
        return (
            self.env["mail.mail"]
            .sudo()
            .create(
                {
                    "subject": f"{self.department_id.name}: {self.name}",
                    "email_to": self.department_id.email,
                    "body_html": body + self.quote + link,
                    "auto_delete": False,
                }
            )
        )

    def _users(self, link):
        """Return who shall have what is made of these mentions: the person who was named."""
        return dict.fromkeys(self.mention_ids.ids, self.member_id.id) if self.member_id else {}

    # -- partnerships -------------------------------------------------------------------------------------------------

    @api.model
    def _make_partnership(self, mentions, department=None):
        """Make an opportunity of each person who offers to work together, with its own tag and team.

        :param mentions: ``community.mention`` records
        :param department: the ``community.department`` whose sales team gets them; that for partnerships when empty
        :returns: ``crm.lead`` records
        """
        leads = self.env["crm.lead"]
        for company, batch in mentions.sudo().grouped("company_id").items():
            theirs = department or self.env["community.department"].sudo().search(
                [("company_id", "=", company.id), ("code", "=", "partnerships")], limit=1
            )
            if theirs:
                batch.with_context(**QUIET).write({"department_id": theirs.id})
            tag = self._partnership_tag()
            # a lead of another kind that the same person has open is not what they offer now
            known = batch.filtered(lambda mention, tag=tag: tag in mention.author_id.lead_id.tag_ids)
            made, added = self.env["community.lead"]._take_on(known)
            new, _none = self.env["community.lead"]._take_on(batch - known, new=True)
            made |= new
            values = {"type": "opportunity", "tag_ids": [Command.link(tag.id)]}
            if theirs.crm_team_id:
                values["team_id"] = theirs.crm_team_id.id
            made.sudo().write(values)
            leads |= made | added
        return leads

    @api.model
    def _partnership_tag(self):
        tag = self.env.ref("community_manager.tag_partnership", raise_if_not_found=False)
        return tag or self.env["crm.tag"].sudo().create({"name": self.env._("Partnership")})
