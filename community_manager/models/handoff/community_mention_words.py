from odoo import models


class CommunityMention(models.Model):
    """Sentences that are proposed to authors, in their language."""

    _inherit = "community.mention"

    def _in_language(self):
        """Return this mention with the language of its author, where that is one of this Odoo."""
        self.ensure_one()
        code = self.partner_id.sudo().lang
        if not code and self.language:
            installed = [lang for lang, _name in self.env["res.lang"].get_installed()]
            spoken = self.language.replace("-", "_")
            code = next((lang for lang in installed if lang == spoken), "") or next(
                (lang for lang in installed if lang.split("_")[0] == spoken.split("_")[0]), ""
            )
        return self.with_context(lang=code) if code else self

    def _ask_email_text(self, way):
        """Return the draft that asks for an e-mail address.

        :param str way: "message" (private) or "reply" (where everybody reads it)
        """
        name = self.author_id.display_name or ""
        if way == "message":
            return self.env._(
                "Hello %s! So that we can send you what you asked for, which e-mail address may we write to?", name
            )
        return self.env._(
            "Hello %s! We would like to help you. Please write to us privately where we can reach you: do not post "
            "your e-mail address here.",
            name,
        )

    def _introduction_text(self, person, desk, url):
        """Return the draft that introduces an author to somebody.

        :param str person: name, or ``""``
        :param str desk: name of the department or desk, or ``""``
        :param str url: booking link, or ``""``
        """
        values = {"name": self.author_id.display_name or "", "person": person, "desk": desk}
        if person and desk:
            text = self.env._("Hello %(name)s! %(person)s (%(desk)s) is happy to help you with this.", **values)
        elif person:
            text = self.env._("Hello %(name)s! %(person)s is happy to help you with this.", **values)
        else:
            text = self.env._("Hello %(name)s! Our colleagues (%(desk)s) are happy to help you with this.", **values)
        if url:
            text += " " + self.env._("Choose a time that suits you: %s", url)
        return text
