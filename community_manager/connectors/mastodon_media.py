"""Pictures that go out with a status on a server with the Mastodon API."""

import time
from urllib.parse import quote

from . import errors
from .base import _
from .media import MEGABYTE, PICTURES, Media, form
from .values import identifier

#: What every server takes by default (documentation of POST /api/v2/media and of "configuration" in the instance).
TAKES = Media(most=4, mimetypes=PICTURES, largest=10 * MEGABYTE, alt=True)
#: A server that says that it still works on a picture is asked again this often, after this many seconds.
LOOKS = 10
PAUSE = 1.0

NOT_READY = _("The server is not done with a picture yet. We try again.")


class Pictures:
    """Uploading what :class:`~.mastodon.Mastodon` sends along.

    A picture that no status uses is forgotten by the server, so that uploading it again does no harm.
    """

    media = TAKES

    def _upload(self, outgoing):
        """Return the ids of the pictures of a message, as the server has them.

        :raises errors.ConnectorError: none of it was said, whatever happened
        """
        try:
            return [self._upload_one(file, outgoing) for file in outgoing.attachments]
        except errors.ConnectorError as error:
            error.unsure = False
            raise

    def _upload_one(self, file, outgoing):
        body, headers = form({"description": file.alt} if file.alt else {}, file)

        def judge(response):
            return None if response.status == 404 else self._refusal(response, outgoing)

        # older servers know the first version only
        absent = dict.fromkeys((404, 405, 410, 501))
        response = self._ask("POST", "/api/v2/media", data=body, headers=headers, judge=judge, actions=absent)
        if response.status in absent:
            response = self._ask("POST", "/api/v1/media", data=body, headers=headers, judge=judge)
        answer = response.json()
        found = identifier(answer.get("id")) if isinstance(answer, dict) else ""
        if not found:
            raise self._malformed("media")
        status = response.status
        for _look in range(LOOKS):
            if status not in (202, 206):
                return found
            time.sleep(PAUSE)
            status = self._get(f"/api/v1/media/{quote(found, safe='')}").status
        raise errors.Retriable(NOT_READY)
