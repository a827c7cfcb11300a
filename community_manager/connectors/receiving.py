"""The part of the contract about what networks send by themselves: deliveries and mails."""

import hashlib


class Receiving:
    """What a connector receives without asking; see :class:`~.base.Connector`, which inherits it."""

    #: lower-case names of the headers of a delivery that count
    push_headers = ()

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
