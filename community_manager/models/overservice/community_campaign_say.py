from uuid import uuid4

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...connectors import network as network_class

#: links that become each person's own when the mail is sent
OWN_LINKS = ["/unsubscribe_from_list", "/view", "/cards"]


class CommunityCampaignAct(models.AbstractModel):
    """What a campaign says: mails and text messages with traces and a way to unsubscribe, answers by the outbox."""

    _inherit = "community.campaign.act"

    @api.model
    def _mailing_of(self, campaign, entry):
        """Return the mailing that the traces of a step belong to; it is never sent itself."""
        step = self.env["community.campaign.step"].browse(entry["id"])
        if not step.mailing_id:
            first = next(iter(entry["texts"]), {})
            step.mailing_id = self.env["mailing.mailing"].create(
                {
                    "subject": first.get("subject") or campaign.name,
                    "name": f"{campaign.name} · {step.display_name}",
                    "mailing_type": "sms" if entry["kind"] == "sms" else "mail",
                    "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                    "mailing_domain": "[('id', '=', 0)]",
                    "user_id": campaign.user_id.id or self.env.uid,
                    "state": "done",
                    "sent_date": fields.Datetime.now(),
                    "keep_archives": False,
                }
            )
        return step.mailing_id

    @api.model
    def _do_mail(self, campaign, entry, jobs, problems):
        mailing = self._mailing_of(campaign, entry)
        base = mailing.get_base_url()
        trackers = mailing._get_link_tracker_values()
        sender = campaign.user_id.email_formatted or campaign.company_id.email_formatted
        values = []
        for job in jobs:
            partner = job["person"].partner_id
            speaking = self.with_context(lang=partner.lang).env
            body = self.env["mail.render.mixin"]._shorten_links(Markup(job["words"]["body"]), trackers, OWN_LINKS, base)
            body += Markup('<p style="font-size:12px"><a href="%s">%s</a></p>') % (
                f"{base}/unsubscribe_from_list",
                speaking._("Unsubscribe"),
            )
            wrapped = speaking["ir.qweb"]._render(
                "mass_mailing.mass_mailing_mail_layout",
                {"body": body, "mailing_style": Markup("")},
                minimal_qcontext=True,
                raise_if_not_found=False,
            )
            mail = {"model": "res.partner", "res_id": partner.id}
            message_id = self.env["mail.message"]._get_message_id(mail)
            trace = {"email": partner.email_normalized, "mass_mailing_id": mailing.id, "message_id": message_id}
            trace |= {"model": "res.partner", "res_id": partner.id}
            values.append(
                {
                    **mail,
                    "message_type": "email_outgoing",
                    "subject": job["words"]["subject"],
                    "body_html": wrapped or body,
                    "email_from": sender,
                    "reply_to": sender,
                    "author_id": campaign.user_id.partner_id.id,
                    "recipient_ids": [Command.link(partner.id)],
                    "message_id": message_id,
                    "references": message_id,
                    "auto_delete": True,
                    "is_notification": False,
                    "state": "outgoing",
                    "mailing_id": mailing.id,
                    "mailing_trace_ids": [Command.create(trace)],
                    "record_company_id": campaign.company_id.id,
                    "community_purpose_id": campaign.purpose_id.id,
                    "community_touch": job.get("touch_id") or 0,
                }
            )
        mails = self.env["mail.mail"].create(values)
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
        return {
            job["person"].id: {"mail_id": mail.id, "trace_id": mail.mailing_trace_ids[:1].id}
            for job, mail in zip(jobs, mails, strict=True)
        }

    @api.model
    def _do_sms(self, campaign, entry, jobs, problems):
        mailing = self._mailing_of(campaign, entry)
        trackers = mailing._get_link_tracker_values()
        values = []
        for job in jobs:
            partner = job["person"].partner_id
            composer = self.env["sms.composer"].with_context(lang=partner.lang)
            code = self.env["mailing.trace"]._get_random_code()
            body = self.env["mail.render.mixin"]._shorten_links_text(job["words"]["text"], trackers)
            stop = composer._get_unsubscribe_info(composer._get_unsubscribe_url(mailing.id, code))
            number, uuid = partner._phone_format(fname="phone"), uuid4().hex
            trace = {"mass_mailing_id": mailing.id, "model": "res.partner", "res_id": partner.id, "trace_type": "sms"}
            trace |= {"sms_code": code, "sms_number": number, "sms_tracker_ids": [Command.create({"sms_uuid": uuid})]}
            values.append(
                {
                    "body": f"{body}\n{stop}",
                    "number": number,
                    "partner_id": partner.id,
                    "state": "outgoing",
                    "uuid": uuid,
                    "mailing_id": mailing.id,
                    "mailing_trace_ids": [Command.create(trace)],
                    "community_purpose_id": campaign.purpose_id.id,
                    "community_touch": job.get("touch_id") or 0,
                }
            )
        messages = self.env["sms.sms"].create(values)
        bodies = messages._update_body_short_links()
        for message in messages:
            message.body = bodies[message.id]
        self.env.ref("sms.ir_cron_sms_scheduler_action")._trigger()
        return {
            job["person"].id: {"sms_id": message.id, "trace_id": message.mailing_trace_ids[:1].id}
            for job, message in zip(jobs, messages, strict=True)
        }

    @api.model
    def _do_message(self, campaign, entry, jobs, problems):
        return self._do_network(campaign, "message", jobs, problems)

    @api.model
    def _do_social(self, campaign, entry, jobs, problems):
        return self._do_network(campaign, "reply", jobs, problems)

    @api.model
    def _do_network(self, campaign, way, jobs, problems):
        """Answer what each person wrote last, where the network allows it in that way."""
        partners = self.env["res.partner"].union(*(job["person"].partner_id for job in jobs))
        mentions = self._answerable_of(campaign, partners, way)
        found = {}
        for job in jobs:
            person = job["person"]
            mention = mentions.get(person.partner_id.id)
            if not mention:
                problems[person.id] = self.env._("No network lets us write to them in that way.")
                continue
            try:
                with self.env.cr.savepoint():
                    reply = mention.with_user(campaign.user_id).sudo()._reply(job["words"]["text"], way)
                    # it was asked for already: what was reserved is used when it goes out
                    reply.write({"purpose_id": campaign.purpose_id.id, "touch": job.get("touch_id") or 0})
            except UserError as error:
                problems[person.id] = str(error)
                continue
            found[person.id] = {"reply_id": reply.id}
        return found

    @api.model
    def _answerable_of(self, campaign, partners, way):
        """Return ``{partner id: newest mention of theirs that can be answered in a way}``."""
        profiles = self.env["community.author"].sudo()._profiles_of(partners, campaign.company_id)
        owner = {author.id: partner_id for partner_id, authors in profiles.items() for author in authors}
        if not owner:
            return {}
        mentions = self.env["community.mention"].sudo()
        domain = [("author_id", "in", list(owner)), ("company_id", "=", campaign.company_id.id)]
        rows = mentions._read_group([*domain, *mentions._answerable()], ["author_id"], ["id:array_agg"])
        found = {}
        for author, ids in rows:
            partner_id = owner[author.id]
            # the newest few: older ones are past every reply window
            for mention in mentions.browse(sorted(ids)[-5:]).sorted("published_at", reverse=True):
                best = found.get(partner_id)
                if best and best.published_at >= mention.published_at:
                    break
                channel, cls = mention._reply_channel(), network_class(mention.network)
                if channel and cls and way in cls.ways(mention._target(channel)):
                    found[partner_id] = mention
                    break
        return found
