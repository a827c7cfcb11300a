import time
from functools import partial

from odoo import api, models

from ...connectors.errors import Interrupted
from ..platform.cursors import own_cursor


class CommunityListener(models.AbstractModel):
    """The work on what networks delivered."""

    _inherit = "community.listener"

    @api.model
    def _take_pushes(self, pushes, budget):
        """Turn deliveries into mentions, in the order they came.

        :param pushes: waiting ``community.push`` records
        :param float budget: seconds
        :returns: number of deliveries dealt with
        """
        ends = time.monotonic() + budget
        done = 0
        with own_cursor(self.env) as claim, own_cursor(self.env) as cr:
            free = set(self._claim(claim, pushes.channel_id.ids))
            for push_id, channel_id in [(push.id, push.channel_id.id) for push in pushes]:
                if channel_id not in free or time.monotonic() > ends:
                    continue
                try:
                    self._take_push(cr, channel_id, push_id, ends)
                except Interrupted:
                    continue  # our time was used up, not the network's fault: it stays first in its queue
                except Exception as error:  # noqa: BLE001 - one channel must not stop the others
                    self._fail(cr, channel_id, error)
                    if self.env["community.ingest"]._is_infrastructure(error):
                        free.discard(channel_id)  # nothing to do with this delivery: it stays first in its queue
                    else:
                        # tried again for ever it would hold up all that came after it
                        self._transact(cr, channel_id, partial(self._put_push_aside, push_id, repr(error)))
                else:
                    done += 1
        return done

    @api.model
    def _take_push(self, cr, channel_id, push_id, ends):
        """Read and store one delivery; no transaction is open while the network is asked for what it only names.

        :param float ends: when the time of this run is used up, on the scale of :func:`time.monotonic`
        :raises Interrupted: it was used up before the network had answered
        """

        def transact(work):
            def while_it_waits(channel):
                push = channel.env["community.push"].browse(push_id).exists()
                return work(push, channel) if push.state == "waiting" else None

            return self._transact(cr, channel_id, while_it_waits)

        question = transact(lambda push, channel: push._process(channel, ends))
        if question:
            question.ask()
            transact(lambda push, channel: push._keep(channel, question.page, question.problem))

    @api.model
    def _put_push_aside(self, push_id, reason, channel):
        push = channel.env["community.push"].browse(push_id).exists()
        push._put_aside(channel._without_secrets(reason)[:1000])
