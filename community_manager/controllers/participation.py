import re
import threading
import time
from collections import OrderedDict, deque

from odoo.http import Controller, request, route

from ..models.conduct.community_moderation_record import LONGEST_APPEAL
from ..models.conduct.community_participation import PUBLIC_PATH

#: bytes of a form at most: the longest appeal in any script, and its wrapping
LARGEST_FORM = 64 * 1024
#: forms and wrong links that one address may send in some seconds, for each process
MOST, WITHIN = 10, 600
#: addresses that are remembered at most
ADDRESSES = 5_000

_TOKEN = re.compile(r"[\w-]{20,40}", re.ASCII)


class Limiter:
    """Counts what came from an address in the last seconds; bounded, so that nobody can fill the memory."""

    def __init__(self, most, within, addresses):
        self.most, self.within, self.addresses = most, within, addresses
        self._seen = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, address, now=None):
        """Note one more attempt of an address; return whether it may.

        :param float now: seconds, of a clock that only goes forward
        """
        now = time.monotonic() if now is None else now
        with self._lock:
            times = self._seen.pop(address, None) or deque(maxlen=self.most)
            self._seen[address] = times
            while len(self._seen) > self.addresses:
                self._seen.popitem(last=False)
            while times and now - times[0] > self.within:
                times.popleft()
            if len(times) >= self.most:
                return False
            times.append(now)
            return True


limiter = Limiter(MOST, WITHIN, ADDRESSES)


class ParticipationController(Controller):
    """The rules for taking part, for everybody to read, and the form for an appeal; they need no website."""

    @route(
        [f"{PUBLIC_PATH}/<string:slug>", f"{PUBLIC_PATH}/<string:slug>/<int:version>"],
        type="http",
        auth="public",
        methods=["GET"],
        save_session=False,
        sitemap=False,
    )
    def rules(self, slug, version=0, lang="", **_parameters):
        """Show the rules in force at an address, or an earlier version of them."""
        languages, lang = self._speak(lang)
        rules = request.env["community.participation"]._published(slug, version).with_context(lang=lang)
        if not rules:
            return self._say(request.env._("There are no rules at this address."), languages, lang, 404)
        history = rules._family().filtered(lambda one: one.state in ("published", "replaced"))
        values = {"rules": rules, "history": history, "path": f"{PUBLIC_PATH}/{slug}"}
        return self._page("community_manager.participation_page", values, languages, lang, rules.company_id)

    @route(
        f"{PUBLIC_PATH}/appeal/<string:token>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        max_content_length=LARGEST_FORM,
        sitemap=False,
    )
    def appeal(self, token, lang="", text="", **_parameters):
        """Show what was done and take an appeal against it; the token in the link stands for who is concerned."""
        languages, lang = self._speak(lang)
        address = request.httprequest.remote_addr or ""
        posted = request.httprequest.method == "POST"
        record = request.env["community.moderation.record"].sudo()
        if _TOKEN.fullmatch(token):
            record = record.search([("token", "=", token), ("state", "not in", ("requested", "dropped"))], limit=1)
        # whoever tries links, or sends the form over and over, waits
        if (posted or not record) and not limiter.allows(address):
            sentence = request.env._("That was too often. Please try again in some minutes.")
            return self._say(sentence, languages, lang, 429)
        if not record:
            return self._say(request.env._("This link is not known here."), languages, lang, 404)
        record = record.with_company(record.company_id).with_context(
            lang=lang, allowed_company_ids=record.company_id.ids
        )
        problem = ""
        if posted and not record._appeal(text):
            problem = request.env._("Write what you want to say, please.")
        values = {
            "record": record,
            "what": dict(request.env["community.moderation"]._selection_action()).get(record.action, ""),
            "problem": problem,
            "longest": LONGEST_APPEAL,
            "open": record._may_appeal(),
            "path": f"{PUBLIC_PATH}/appeal/{token}",
        }
        response = self._page("community_manager.appeal_page", values, languages, lang, record.company_id)
        response.headers["Referrer-Policy"] = "no-referrer"  # the link is the key
        return response

    def _speak(self, lang):
        """Set the language of the page; return the installed ones as (code, name), and the one that is spoken."""
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
        return response

    def _say(self, sentence, languages, lang, status):
        values = {"sentence": sentence, "path": ""}
        return self._page(
            "community_manager.participation_nothing", values, languages, lang, request.env.company, status
        )
