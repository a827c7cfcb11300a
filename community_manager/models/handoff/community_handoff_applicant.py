import re

from markupsafe import Markup

from odoo import api, models

from ..listening.community_ingest import QUIET

#: links that stand in a text: a curriculum is nearly always one of them
LINK = re.compile(r"https?://[^\s<>\"')\]]+")
#: links of one text that are kept
MOST_LINKS = 10


class CommunityHandoff(models.Model):
    """Job seekers become applicants where Recruitment is installed: it is looked for, never needed."""

    _inherit = "community.handoff"

    @api.model
    def _make_applicant(self, mentions, department=None):
        """Make an applicant of each person who wrote, or add to the one they are already.

        :param mentions: ``community.mention`` records
        :param department: the ``community.department`` whose job position they apply for; human resources when empty
        :returns: ``hr.applicant`` records, or None where Recruitment is not installed
        """
        if "hr.applicant" not in self.env:
            return None
        applicants = self.env["hr.applicant"].sudo()
        followup = self.env["community.lead"]
        for company, batch in mentions.sudo().grouped("company_id").items():
            theirs = department or self.env["community.department"].sudo().search(
                [("company_id", "=", company.id), ("code", "=", "hr")], limit=1
            )
            persons = followup._persons(company, batch)
            followup._lock([author for person in persons for author in person.author_ids])
            for person in persons:
                applicants |= self._applicant_of(company, theirs, person)
            if theirs:
                batch.with_context(**QUIET).write({"department_id": theirs.id})
        return applicants

    def _applicant_of(self, company, department, person):
        """Return the applicant that a person is, made or added to."""
        followup = self.env["community.lead"]
        authors = self.env["community.author"].sudo().browse(person.author_ids)
        applicants = self.env["hr.applicant"].sudo().with_company(company).with_context(**QUIET)
        known = applicants.browse([number for number in authors.mapped("applicant_number") if number]).exists()
        known = known.filtered(lambda one: one.active and not one.refuse_date)[:1]
        if known:
            known._message_log(body=Markup("").join(followup._note(mention) for mention in person.mentions))
            return known
        mention = person.mentions[0]
        author = mention.author_id
        job = self.env["hr.job"].sudo().browse(department.job_id or ()).exists()
        partner = self.env["res.partner"].sudo().browse(person.partner_id or ())
        values = {
            "partner_name": partner.name or author.display_name or self.env._("Somebody on a network"),
            "email_from": partner.email or author.email or False,
            "company_id": company.id,
            "job_id": job.id,
            "applicant_notes": self._applicant_notes(person),
            "linkedin_profile": author.url if mention.network == "linkedin" else False,
            "source_id": followup._sources({mention.network})[mention.network],
            "medium_id": self.env["utm.mixin"]._find_or_create_record("utm.medium", "Social").id,
        }
        if partner:
            values["partner_id"] = partner.id
        known = applicants.create(values)
        origin = self.env._("Made from a mention: %s", mention._get_html_link(followup._label(mention)))
        known._message_log(body=origin)
        authors.write({"applicant_number": known.id})
        return known

    def _applicant_notes(self, person):
        """Return what a person said, where they can be found, and the links they gave, as safe HTML."""
        followup = self.env["community.lead"]
        parts = [followup._quote(mention) for mention in person.mentions]
        links = [mention.author_id.url for mention in person.mentions[:1] if mention.author_id.url]
        for mention in person.mentions:
            links += LINK.findall(mention.text or "")
        web = [link for link in dict.fromkeys(links) if link.lower().startswith(("https://", "http://"))]
        if web:
            rows = Markup("").join(
                Markup('<li><a href="%s" target="_blank" rel="noreferrer noopener">%s</a></li>') % (link, link)
                for link in web[:MOST_LINKS]
            )
            parts.append(Markup("<p>%s</p><ul>%s</ul>") % (self.env._("Profile and links"), rows))
        return Markup("").join(parts)
