import base64
import json

from odoo import models
from odoo.fields import Domain
from odoo.tools import split_every

from ..platform import vault
from .community_erasing import BATCH, add

#: texts of a person of which copies are looked for where nothing links to them
MOST_SAID = 1000


class CommunityAuthor(models.Model):
    """What is kept of the people behind profiles, erased with its copies."""

    _inherit = "community.author"

    def _privacy_reference(self):
        """Return what the privacy log calls a person of whom only a profile is known."""
        return vault.keyed(f"person {self._name} {self.env.cr.dbname} {self.id}")[:16]

    def _community_erase_profiles(self, partners):
        """Erase what these profiles have said, with every copy that was made of it.

        The profiles keep their names until :meth:`_erase_profile`: other rooms find by them what is theirs.

        :param partners: the contacts behind them
        :returns: ``{model: count}``
        """
        counts = {}
        erasing = self.env["community.erasing"]
        replies = self.env["community.reply"].search([("author_id", "in", self.ids)])
        erasing._ensure_nothing_leaves(replies)
        identity = erasing._identity(partners, self)
        mentions = self.env["community.mention"].search([("author_id", "in", self.ids)], order="id")
        add(counts, self._erase_followups(partners, mentions, identity))
        said = [text for mention in mentions[:MOST_SAID] for text in (mention.text, mention.title) if text]
        for ids in split_every(BATCH, mentions.ids):
            add(counts, mentions.browse(ids)._erase_with_copies(identity))
            self.env.flush_all()
        records = self.env["community.moderation.record"].search([("author_id", "in", self.ids)])
        add(counts, records._erase_said())
        add(counts, self._erase_unstored(identity))
        holds = self.env["community.hold"].search([("author_ids", "in", self.ids)])
        erasing._scrub(holds, ["name"], identity)
        add(counts, erasing._scrub_elsewhere(identity.also_said(said), self.company_id or self.env.company))
        add(counts, {self._name: len(self.filtered(lambda one: not one.erased_at))})
        return counts

    def _erase_profile(self):
        """Take name, handle, addresses and identifiers out of profiles, which stay as somebody."""
        for author in self.filtered(lambda one: not one.erased_at or one.partner_id):
            values = {
                "name": False,
                "handle": False,
                "url": False,
                "avatar_url": False,
                "email": False,
                "verified_urls": False,
                "realm": "",
                "external_id": f"erased-{author.id}",
                "partner_id": False,
                "link_origin": False,
                "link_confidence": 0.0,
                "followers": 0,
                "kept_out_on": False,
                "erased_at": author.erased_at or self.env.cr.now(),
            }
            models.Model.write(author, {name: value for name, value in values.items() if name in self._fields})

    def _erase_followups(self, partners, mentions, identity):
        """Empty the leads and tickets that were made of what these people said; from those of several take the rest.

        :returns: ``{model: count}``
        """
        counts = {}
        erasing = self.env["community.erasing"]
        followups = [self.env["community.lead"]]
        followups += [self.env[model] for model in self.env["community.ticket"]._backends().values()]
        for followup in followups:
            link = followup._link_field()
            records = (mentions[link] | self[link]).sudo()
            if not records:
                continue
            of_others = [(link, "in", records.ids), ("id", "not in", mentions.ids), ("outgoing", "=", False)]
            shared = self.env["community.mention"].search([*of_others, ("author_id", "not in", self.ids)])[link]
            own = records - shared
            counts[records._name] = erasing._empty_followups(own)
            add(counts, erasing._erase_trail(own))
            theirs = mentions.filtered(lambda mention, link=link, shared=shared: mention[link] in shared)
            said = [text for mention in theirs for text in (mention.text, mention.title) if text]
            names = [name for name in ("name", "description") if name in shared._fields]
            followup._forget(theirs)
            counts[records._name] += erasing._scrub(shared, names, identity.also_said(said))
        if "hr.applicant" in self.env and "applicant_number" in self._fields:
            numbers = [number for number in self.mapped("applicant_number") if number]
            applicants = self.env["hr.applicant"].browse(numbers).exists()
            counts["hr.applicant"] = erasing._empty_followups(applicants)
            add(counts, erasing._erase_trail(applicants))
        return counts

    def _erase_unstored(self, identity):
        """Remove what came in of these people and was never stored as a mention: what waits, failed or was sampled.

        :returns: ``{model: count}``
        """
        companies = [("company_id", "in", self.company_id.ids)]
        words = [word for word in identity.words if len(word) > 3]
        counts = {}
        if not words:
            return counts
        # payloads are JSON in ASCII: words stand in them with their escapes
        escaped = [json.dumps(word)[1:-1] for word in words]
        payloads = [("payload", "ilike", word.replace("\\", "\\\\")) for word in escaped]
        cells = [("cells", "ilike", word) for word in words]
        found = {
            "community.quarantine": Domain(companies) & Domain.OR([Domain([one]) for one in payloads]),
            "community.import.reject": Domain("import_id.company_id", "in", self.company_id.ids)
            & Domain.OR([Domain([one]) for one in cells]),
            "community.sample": Domain(companies) & Domain.OR([Domain("text", "ilike", word) for word in words]),
        }
        for model, domain in found.items():
            records = self.env[model].search(domain)
            counts[model] = len(records)
            records.unlink()
        pushes = self.env["community.push"].search([*companies, ("body", "!=", False)])
        pushes = pushes.filtered(lambda push: _holds(push.body, [*words, *escaped]))
        counts["community.push"] = len(pushes)
        pushes.unlink()
        imports = self.env["community.import"].search([*companies, ("state", "in", ("done", "failed"))])
        imports = imports.filtered(lambda one: one.file and _holds(one.file, words))
        counts["community.import"] = self.env["community.erasing"]._empty(imports, {"file": False, "error_file": False})
        return counts


def _holds(content, words):
    """Return whether Base64 of something holds one of some words."""
    text = base64.b64decode(content or b"").decode("utf-8", "replace").casefold()
    return any(word.casefold() in text for word in words)
