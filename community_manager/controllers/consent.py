import re

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.http import Controller, request, route
from odoo.tools import format_date

from ..models.contact.community_consent_ask import PATH
from .participation import ADDRESSES, MOST, WITHIN, Limiter

#: months for which "not now" stands
LATER_MONTHS = 3
#: media that the page offers, beside the field of a contact without which there is nothing to choose
OFFERED = (("email", "email_normalized"), ("sms", "phone_sanitized"), ("call", "phone_sanitized"))
#: bytes of a form at most
LARGEST_FORM = 16 * 1024

_TOKEN = re.compile(r"[\w-]{40,400}", re.ASCII)
limiter = Limiter(MOST * 3, WITHIN, ADDRESSES)


class ConsentController(Controller):
    """Where people choose what we write to them; the signed link stands for who they are, and no website is needed.

    Showing a page changes nothing, since mail programs and virus scanners open links.  The link in the address is the
    authority, and nothing of a session is used: so forms need no token against forged requests.
    """

    @route(f"{PATH}/<string:token>", type="http", auth="public", methods=["GET"], save_session=False, sitemap=False)
    def choose(self, token, lang="", **_parameters):
        """Show what the person gets from us, with the buttons to change it."""
        return self._answer(token, lang)

    @route(
        f"{PATH}/<string:token>",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=LARGEST_FORM,
        sitemap=False,
    )
    def change(self, token, lang="", do="", **ticked):
        """Take what the person chose: ``do`` is "save", "nothing" (stop everything), "later" or "again"."""
        return self._answer(token, lang, lambda partner, company: self._change(partner, company, do, ticked))

    @route(
        f"{PATH}/<string:token>/stop/<string:code>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        csrf=False,
        save_session=False,
        max_content_length=LARGEST_FORM,
        sitemap=False,
    )
    def stop(self, token, code, lang="", **_parameters):
        """Stop e-mails for one purpose: a POST by the mail program or by the button; a GET shows the page."""
        if request.httprequest.method == "GET":
            return self._answer(token, lang, code=code)
        return self._answer(token, lang, lambda partner, company: self._stop(partner, company, code))

    @route(
        f"{PATH}/confirm/<string:token>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        csrf=False,
        save_session=False,
        max_content_length=LARGEST_FORM,
        sitemap=False,
    )
    def confirm(self, token, lang="", **_parameters):
        """Ask once more (GET) and take that somebody agrees (POST)."""
        if not limiter.allows(request.httprequest.remote_addr or ""):
            return self._too_often()
        consents = request.env["community.consent"].sudo()
        consent = consents._of_token(token) if _TOKEN.fullmatch(token) else consents
        if not consent:
            return self._unknown()
        languages, lang = self._speak(lang or consent.partner_id.lang)
        consent = consent.with_context(lang=lang)
        if request.httprequest.method == "POST":
            consent._confirm()
        values = {"consent": consent, "path": f"{PATH}/confirm/{token}"}
        return self._page("community_manager.consent_confirm", values, languages, lang, consent.company_id)

    # -- what is done ------------------------------------------------------------------------------------------------

    def _answer(self, token, lang, work=None, code=""):
        """Do what was asked and show the page as it stands then."""
        if not limiter.allows(request.httprequest.remote_addr or ""):
            return self._too_often()
        partner, company = request.env["res.partner"].sudo(), request.env["res.company"].sudo()
        if _TOKEN.fullmatch(token):
            partner, company = partner._community_of_token(token)
        if not partner or not company:
            return self._unknown()
        languages, lang = self._speak(lang or partner.lang)
        context = {"lang": lang, "allowed_company_ids": company.ids}
        partner, company = partner.with_context(**context), company.with_context(**context)
        said = work(partner, company) if work else ""
        purpose = request.env["community.purpose"].sudo().with_context(lang=lang)._get(code)
        values = {
            "partner": partner,
            "rows": self._rows(partner, company),
            "media": self._media(partner),
            "said": said,
            "stop": purpose,
            "stop_label": request.env._("No more e-mails: %s", purpose.name or ""),
            "later": self._later(partner),
            "path": f"{PATH}/{token}",
        }
        return self._page("community_manager.consent_choose", values, languages, lang, company)

    def _change(self, partner, company, do, ticked):
        _ = request.env._
        if do == "later":
            partner.community_not_now = fields.Date.today() + relativedelta(months=LATER_MONTHS)
            return _("Understood. We write again in %s months at the earliest.", LATER_MONTHS)
        if do == "again":
            partner.community_not_now = False
            return _("You hear from us again.")
        if do == "nothing":
            self._set(partner, company, [(False, "all", "withdrawn")])
            return _("Understood. You get nothing more from us, but what belongs to your orders and questions.")
        if do != "save":
            return ""
        changes = []
        for row in self._rows(partner, company):
            for cell in row["cells"]:
                wanted = f"{row['purpose'].id}_{cell['medium']}" in ticked
                if wanted != cell["on"]:
                    changes.append((row["purpose"].id, cell["medium"], "granted" if wanted else "withdrawn"))
        self._set(partner, company, changes)
        return _("Saved.")

    def _stop(self, partner, company, code):
        purpose = request.env["community.purpose"].sudo()._get(code)
        if purpose:
            self._set(partner, company, [(purpose.id, "email", "withdrawn")])
        return request.env._("Understood. You get no more e-mails of this kind.")

    def _set(self, partner, company, changes):
        proof = request.env._("Page of choices, %s UTC", fields.Datetime.to_string(fields.Datetime.now()))
        same = {"partner_id": partner.id, "company_id": company.id, "source": "page", "proof": proof}
        consents = request.env["community.consent"].sudo().with_company(company)
        consents._set(
            [{**same, "purpose_id": purpose, "medium": medium, "state": state} for purpose, medium, state in changes],
            again=True,
        )

    def _later(self, partner):
        """Return the sentence that says until when the person is left alone, or ""."""
        until = partner.community_not_now
        if not until or until <= fields.Date.today():
            return ""
        return request.env._("We leave you alone until %s.", format_date(partner.env, until))

    def _media(self, partner):
        labels = dict(request.env["community.touch"]._fields["medium"]._description_selection(partner.env))
        return [(medium, labels[medium]) for medium, field in OFFERED if partner[field]]

    def _rows(self, partner, company):
        """Return the purposes with, for each medium, whether the person gets it."""
        consents = request.env["community.consent"].sudo()
        standing = consents._standing(partner, company)[partner.id]
        purposes = partner.env["community.purpose"].search([("always", "=", False)])
        asks = bool(request.env["community.contact.policy"]._rules_of(company.id).get("consent"))
        media = self._media(partner)
        rows = []
        for purpose in purposes:
            cells = []
            for medium, label in media:
                state = consents._state_of(standing, purpose.id, medium)
                on = state == "granted" or state == "unknown" and not (asks and purpose.needs_consent)
                cells.append({"medium": medium, "name": f"{purpose.name}, {label}", "on": on})
            rows.append({"purpose": purpose, "cells": cells})
        return rows

    # -- pages ---------------------------------------------------------------------------------------------------------

    def _speak(self, lang):
        """Return the installed languages as (code, name), and the one that is spoken."""
        languages = request.env["res.lang"].sudo().get_installed()
        codes = [code for code, _name in languages]
        wanted = lang if lang in codes else request.best_lang
        spoken = wanted if wanted in codes else next((c for c in codes if c[:2] == (wanted or "")[:2]), codes[0])
        request.update_context(lang=spoken)
        return languages, spoken

    def _page(self, template, values, languages, lang, company, status=200):
        values |= {"languages": languages, "spoken": lang, "company": company.sudo()}
        response = request.render(template, values, status=status)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Referrer-Policy"] = "no-referrer"  # the link is the key
        return response

    def _unknown(self):
        languages, lang = self._speak("")
        values = {"sentence": request.env._("This link is not known here, or it is too old."), "path": ""}
        company = request.env.company
        return self._page("community_manager.participation_nothing", values, languages, lang, company, 404)

    def _too_often(self):
        languages, lang = self._speak("")
        values = {"sentence": request.env._("That was too often. Please try again in some minutes."), "path": ""}
        company = request.env.company
        return self._page("community_manager.participation_nothing", values, languages, lang, company, 429)
