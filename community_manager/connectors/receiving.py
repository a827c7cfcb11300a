"""The part of the contract about what networks send by themselves: deliveries and mails."""

import hashlib


class Receiving:
    """What a connector receives without asking; see :class:`~.base.Connector`, which inherits it.

    :cvar push_headers: lower-case names of the headers that :meth:`parse_push` and :meth:`delivery_id` look at; only
        these are stored with a delivery.  ":path" is what follows the channel's address for deliveries
    :cvar push_credentials: those of them that are the secret itself, as bearer tokens are: they are never stored, and
        what was verified when it came is read again later with ":verified" set to "1"
    :cvar push_answers: ``{"accepted": (status, body), "duplicate": (status, body)}`` as this network wants them, also
        "refused" and "later"; the body is text.  What is not named: 202, 409, 401 and 503 with a JSON object
    :cvar push_guide: how to enter the address for deliveries by hand, one step a line, where :meth:`subscribe` cannot
    """

    push_headers = ()
    push_credentials = ()
    push_answers = None
    push_guide = ""

    # --- push ---

    def subscribe(self, address):
        """Ask the network to deliver to an address; asking again renews it.  Only where that can be asked for.

        :param str address: of this channel, reachable from outside, https
        :returns: when it must be asked again (aware UTC), ``None`` for never
        :raises NotImplementedError: an administrator enters the address on the network by hand
        """
        raise NotImplementedError

    def unsubscribe(self, address):
        """Ask the network to deliver no more."""
        raise NotImplementedError

    def handshake(self, method, path, query, headers):
        """Answer what a network asks before it delivers, to see that the address is ours.

        :param str path: what follows the channel's address for deliveries
        :param dict query: parameters of the address
        :returns: (status, content type, body) or ``None`` when this is no such question
        :raises errors.AccessDenied: it does not come from the network
        """
        return None

    def parse_push(self, headers, body, now):
        """Verify and read what the network pushed to us, without asking it anything: the sender waits for its answer.

        What a delivery only points at is a ``partial`` item; the desk looks it up (:meth:`lookup`) when it works on it.

        :param dict headers: lower-case names
        :param bytes body: as received
        :param datetime now: aware UTC time of arrival
        :rtype: items.Page
        :raises errors.AccessDenied: signature missing or wrong, or the message is too old
        :raises errors.Malformed: signed, but unreadable
        """
        raise NotImplementedError

    def delivery_id(self, headers, body):
        """Return what tells a delivery from another and stays the same when it is sent again.

        :param dict headers: lower-case names
        :param bytes body: as received
        """
        digest = hashlib.sha256(body)
        for name in sorted(self.push_headers):
            digest.update(f"\0{name}:{headers.get(name, '')}".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    # --- mail ---

    @staticmethod
    def mail_id(raw):
        """Return what tells a mail to the channel's own address from another; the same when it is delivered again."""
        raise NotImplementedError

    def parse_mail(self, raw, now):
        """Return what is in such a mail (bytes); nothing for bounces and automatic replies.  See :meth:`parse_push`.

        :raises errors.TooLarge: it is not read
        """
        raise NotImplementedError
