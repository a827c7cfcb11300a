"""Odoo in this process, on a database of its own, with real cursors and the real scheduled action."""

import itertools
import time
from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.fields import Command


class Desk:
    """What an administrator and the scheduler do, and what an agent sees.

    Every call is a transaction of its own, so what it returns are plain values and identifiers.

    :param registry: of the database
    """

    def __init__(self, registry):
        self.registry = registry

    @contextmanager
    def env(self):
        """Yield an environment whose work is committed at the end."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def allow(self, *hosts):
        """Let channels read addresses that are not public."""
        with self.env() as env:
            env["ir.config_parameter"].set_param("community_manager.allowed_hosts", ",".join(hosts))

    def topic(self, name, *keywords, **values):
        """Create a topic; return its id."""
        with self.env() as env:
            lines = [Command.create({"name": word}) for word in keywords]
            return env["community.topic"].create({"name": name, "keyword_ids": lines, **values}).id

    def channel(self, name, network, access, topics=(), start=True):
        """Connect a channel as the wizard does: enter access, try it, start it; return its id."""
        with self.env() as env:
            channel = env["community.channel"].create(
                {"name": name, "network": network, "topic_ids": [Command.set(list(topics))]}
            )
            channel.access_form = {"values": access}
        # the wizard saves before a button is pressed
        for button in ("action_check", "action_start") if start else ():
            self.call("community.channel", channel.id, button)
        return channel.id

    def create(self, model, **values):
        """Create a record; return its id."""
        with self.env() as env:
            return env[model].create(values).id

    def write(self, model, record_id, **values):
        """Change a record."""
        with self.env() as env:
            env[model].browse(record_id).write(values)

    def call(self, model, record_ids, method, *arguments):
        """Press a button."""
        with self.env() as env:
            return getattr(env[model].browse(record_ids), method)(*arguments)

    def read(self, model, domain, fields, order="id"):
        """Return records as a list of dicts; a many2one is its id."""
        with self.env() as env:
            records = env[model].with_context(active_test=False).search(domain, order=order)
            return records.read(fields, load=None)

    def one(self, model, domain, fields):
        """Return the only record of a domain as a dict."""
        [found] = self.read(model, domain, fields)
        return found

    def count(self, model, domain):
        """Return how many records there are."""
        with self.env() as env:
            return env[model].with_context(active_test=False).search_count(domain)

    def spoil(self, channel, *names, value="wrong"):
        """Make secrets of a channel worthless, as their end or withdrawal on the network would."""
        with self.env() as env:
            record = env["community.channel"].browse(channel)
            env["community.secret"]._store(record, dict.fromkeys(names, value))

    def due(self, *channels):
        """Make channels due now, as time would."""
        with self.env() as env:
            env["community.channel"].browse(channels).write({"next_poll_at": "2020-01-01 00:00:00"})

    def run(self):
        """Run the scheduled action once, as the scheduler would."""
        with self.env() as env:
            result = env.ref("community_manager.cron_listen").method_direct_trigger()
            assert result is True, result

    def listen(self, *channels):
        """Let time pass until channels are due, and run the scheduled action; return the state of the first."""
        self.due(*channels)
        self.run()
        return self.state(channels[0])

    def listen_until(self, check, *channels, seconds=120):
        """Listen again and again until ``check()`` is true: some servers tell of things only after seconds."""
        end = time.monotonic() + seconds
        while True:
            self.listen(*channels)
            found = check()
            if found:
                return found
            assert time.monotonic() < end, f"nothing after {seconds} s; {[self.state(c) for c in channels]}"
            time.sleep(0.5)

    @contextmanager
    def stopping(self, server, after):
        """Stop a server once it has answered ``after`` requests of the desk."""
        from odoo.addons.community_manager.connectors.http import Http

        number, ask = itertools.count(1), Http.request

        def request(*arguments, **options):
            if next(number) == after + 1:
                server.stop()
            return ask(*arguments, **options)

        with patch.object(Http, "request", request):
            yield

    def look_again(self, channel):
        """Let time pass until the open conversations of a channel are due, and run the scheduled action."""
        with self.env() as env:
            open_ones = env["community.conversation"].search([("channel_id", "=", channel), ("state", "=", "open")])
            open_ones.write({"next_look_at": "2020-01-01 00:00:00"})
        self.run()

    # --- answering ---

    def answer(self, mention, text, way="reply"):
        """Answer a mention as an agent does; return the id of the answer, which waits in the outbox."""
        with self.env() as env:
            return env["community.mention"].browse(mention)._reply(text, way).id

    def send(self, *answers):
        """Let time pass until answers are due, and run the scheduled action that sends; return the first answer."""
        with self.env() as env:
            env["community.reply"].browse(answers).write({"next_try_at": "2020-01-01 00:00:00"})
        with self.env() as env:
            result = env.ref("community_manager.cron_send").method_direct_trigger()
            assert result is True, result
        fields = ["state", "problem", "problem_detail", "external_id", "url", "attempts"]
        return self.one("community.reply", [("id", "=", answers[0])], fields)

    def say(self, mention, text, way="reply"):
        """Answer a mention, send that, and return what the desk keeps of it."""
        answer = self.send(self.answer(mention, text, way))
        assert answer["state"] == "sent", answer
        return answer

    @contextmanager
    def losing(self, sends):
        """Lose the answers to requests that send something: they are done, but we never learn of it.

        :param sends: function from (method, address, body) to whether a request sends; yields the list of those that
            were lost
        """
        from odoo.addons.community_manager.connectors import errors
        from odoo.addons.community_manager.connectors.http import Http

        ask, lost = Http.request, []

        def request(http, method, url, **options):
            answer = ask(http, method, url, **options)
            if sends(method, url, options.get("json") or options.get("data") or {}):
                lost.append((method, url))
                raise errors.Retriable("The answer was lost.")
            return answer

        with patch.object(Http, "request", request):
            yield lost

    def say_though_the_answer_is_lost(self, mention, text, sends, way="reply"):
        """Answer a mention while the network's answer to that is lost; return what the desk keeps of it in the end."""
        answer = self.answer(mention, text, way)
        with self.losing(sends) as lost:
            kept = self.send(answer)
        assert kept["state"] == "uncertain" and len(lost) == 1, (kept, lost)
        for _attempt in range(3):
            kept = self.send(answer)
            if kept["state"] == "sent":
                break
        assert kept["state"] == "sent", kept
        return kept

    def state(self, channel):
        """Return how a channel is."""
        fields = ["state", "health", "health_text", "error_count", "last_error", "last_error_detail", "last_success_at"]
        return self.one("community.channel", [("id", "=", channel)], fields)

    def mentions(self, channel, *fields, **equal):
        """Return the mentions of a channel, oldest first."""
        domain = [("channel_id", "=", channel), *((name, "=", value) for name, value in equal.items())]
        return self.read("community.mention", domain, list(fields), order="published_at, id")
