"""Which pictures and files a network takes, and sending a file as a form does."""

from dataclasses import dataclass

from urllib3.filepost import encode_multipart_formdata

from .wording import Sentence, _

MEGABYTE = 1_000_000
PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")

NO_FILES = _("This network takes no pictures or files here.")
NOT_THIS_KIND = _("“%(name)s”: this network does not take files of this kind (%(kind)s).")
FILE_TOO_LARGE = _("“%(name)s” is too large: this network takes %(limit)s MB.")
FILE_EMPTY = _("“%(name)s” is empty.")
TOO_MANY_FILES = _("This network takes %(limit)s files with one text.")
NOT_TOGETHER = _("“%(name)s” can only go alone.")


@dataclass(frozen=True, slots=True)
class Media:
    """What pictures and files a network takes with a text.

    ``most`` is how many go with one text, ``mimetypes`` which kinds ("image/*" stands for all pictures, "*/*" for
    everything), ``largest`` the bytes of one, ``alt`` whether a picture can be described in words, ``ways`` in which
    ways of saying something they can go along.  ``alone``: kinds of which only one goes, with nothing beside it.
    """

    most: int
    mimetypes: tuple[str, ...]
    largest: int
    alt: bool = True
    ways: tuple[str, ...] = ("reply", "message", "publish")
    alone: tuple[str, ...] = ()

    def takes(self, mimetype):
        """Return whether files of this kind are taken."""
        return _among(mimetype, self.mimetypes)

    def only_one(self, mimetype):
        """Return whether a file of this kind goes with nothing beside it."""
        return _among(mimetype, self.alone)


def _among(mimetype, patterns):
    whole = mimetype.partition("/")[0] + "/*"
    return any(pattern in (mimetype, whole, "*/*") for pattern in patterns)


def files_objection(media, way, files):
    """Return why pictures and files cannot go along with a text, ``None`` when they can.

    :param Media media: what the network takes, ``None`` for nothing
    :param str way: "reply", "message" or "publish"
    :param files: list of (name, mimetype, number of bytes)
    """
    if not files:
        return None
    if media is None or way not in media.ways:
        return Sentence(NO_FILES)
    for name, mimetype, size in files:
        if not media.takes(mimetype):
            return Sentence(NOT_THIS_KIND, name=name, kind=mimetype)
        if not size:
            return Sentence(FILE_EMPTY, name=name)
        if size > media.largest:
            return Sentence(FILE_TOO_LARGE, name=name, limit=round(media.largest / MEGABYTE, 1))
        if len(files) > 1 and media.only_one(mimetype):
            return Sentence(NOT_TOGETHER, name=name)
    if len(files) > media.most:
        return Sentence(TOO_MANY_FILES, limit=media.most)
    return None


def form(fields, file, name="file"):
    """Return (body, headers) of a form that carries a file.

    :param dict fields: texts beside it
    :param items.OutgoingFile file: what is sent
    :param str name: of the field that holds the file
    """
    body, content_type = encode_multipart_formdata({**fields, name: (file.name, file.data, file.mimetype)})
    return body, {"Content-Type": content_type}
