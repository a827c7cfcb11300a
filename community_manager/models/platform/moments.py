"""Times as Odoo stores them."""

from datetime import UTC


def naive(moment):
    """Return an aware time as naive UTC in whole seconds; False for none.

    :param datetime moment: aware, of any zone, or None
    """
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0) if moment else False
