import re

from odoo.http import Controller, request, route

from ..models.relations.community_referral import SHARE_PATH
from .participation import ParticipationController, limiter

_TOKEN = re.compile(r"[\w-]{20,60}", re.ASCII)
#: characters of a name that a browser keeps a picture under
_ODD = re.compile(r"[^\w.-]+")


class ShareController(Controller):
    """The page on which an advocate finds texts, pictures and their own link; it needs no website."""

    _speak = ParticipationController._speak
    _page = ParticipationController._page
    _say = ParticipationController._say

    @route(
        f"{SHARE_PATH}/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        save_session=False,
        sitemap=False,
    )
    def kit(self, token, lang="", **_parameters):
        """Show the share kit to the advocate whose key stands in the address."""
        referral = self._referral(token)
        own = referral.partner_id.lang if referral and not lang else ""
        languages, lang = self._speak(lang or own)
        if not referral:
            if not limiter.allows(request.httprequest.remote_addr or ""):
                sentence = request.env._("That was too often. Please try again in some minutes.")
                return self._say(sentence, languages, lang, 429)
            return self._say(request.env._("This link is not known here, or was ended."), languages, lang, 404)
        kit = referral.kit_id.with_context(lang=lang)
        values = {
            "kit": kit,
            "referral": referral,
            "name": (referral.partner_id.name or referral.influencer_id.name or "").split(" ")[0],
            "over": kit._is_over(),
            "texts": kit._texts(referral, lang),
            "images": kit.image_ids,
            "path": f"{SHARE_PATH}/{token}",
        }
        response = self._page("community_manager.share_page", values, languages, lang, kit.company_id)
        response.headers["Referrer-Policy"] = "no-referrer"  # the link is the key
        return response

    @route(
        f"{SHARE_PATH}/<string:token>/picture/<int:image>",
        type="http",
        auth="public",
        methods=["GET"],
        save_session=False,
        sitemap=False,
    )
    def picture(self, token, image, download="", **_parameters):
        """Return one picture of the share kit."""
        referral = self._referral(token)
        file = referral.kit_id.image_ids.filtered(lambda one: one.id == image) if referral else None
        if not file or referral.kit_id._is_over():
            return request.not_found()
        stream = request.env["ir.binary"].sudo()._get_stream_from(file)
        name = _ODD.sub("_", file.name or "picture")
        response = stream.get_response(as_attachment=bool(download), download_name=name)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def _referral(self, token):
        """Return the referral of a key as superuser, None when there is none in force."""
        if not _TOKEN.fullmatch(token):
            return None
        # sudo: whoever has the key may see what was made for them
        found = request.env["community.referral"].sudo().search([("token", "=", token)], limit=1)
        if not found.kit_id:
            return None
        company = found.company_id
        return found.with_company(company).with_context(allowed_company_ids=company.ids)
