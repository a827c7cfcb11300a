from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mimetypes import guess_mimetype

from ...connectors import network as network_class
from ...connectors.items import OutgoingFile
from ...connectors.media import files_objection
from ..platform.sentences import said

#: bytes of one file that is kept with a message, whatever its network would take
LARGEST_FILE = 20_000_000
#: characters of a description in words
LONGEST_ALT = 1500


class CommunityReply(models.Model):
    """Pictures and files that go out with a message; the description of an attachment says what a picture shows."""

    _inherit = "community.reply"

    attachment_ids = fields.Many2many(
        "ir.attachment",
        "community_reply_attachment_rel",
        "reply_id",
        "attachment_id",
        string="Pictures and files",
        copy=False,
        help="What goes out with the text, where the network takes it.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "attachment_ids" in vals:
            self._own_attachments()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        replies = super().create(vals_list)
        if any(values.get("attachment_ids") for values in vals_list):
            replies._own_attachments()
        return replies

    def _own_attachments(self):
        """What goes out belongs to its message: who may read the one may read the other.

        :raises UserError: a file belongs to something else
        """
        for reply in self:
            for attachment in reply.attachment_ids:
                place = (attachment.res_model, attachment.res_id)
                if place == (reply._name, reply.id):
                    continue
                if attachment.res_id and attachment.res_model not in (False, reply._name, "mail.compose.message"):
                    raise UserError(self.env._("“%s” belongs to something else.", attachment.name))
                attachment.write({"res_model": reply._name, "res_id": reply.id})

    def _attach(self, name, data):
        """Add a file to a draft.

        :param str name: of the file
        :param bytes data: what is in it
        :returns: the ``ir.attachment``
        :raises UserError: the network does not take it, or it is too large
        """
        self.ensure_one()
        if len(data) > LARGEST_FILE:
            raise UserError(
                self.env._("“%(name)s” is larger than %(limit)s MB.", name=name, limit=LARGEST_FILE // 1_000_000)
            )
        mimetype = guess_mimetype(data, default="application/octet-stream")
        known = [(one.name, one.mimetype, one.file_size) for one in self.attachment_ids]
        if objection := self._files_objection([*known, (name, mimetype, len(data))]):
            raise UserError(objection)
        attachment = self.env["ir.attachment"].create(
            {"name": name, "raw": data, "mimetype": mimetype, "res_model": self._name, "res_id": self.id}
        )
        self.attachment_ids += attachment
        return attachment

    def _files_objection(self, files):
        """Return why files cannot go out with this message, in words; ``""`` when they can.

        :param files: list of (name, mimetype, number of bytes)
        """
        cls = network_class(self.channel_id.sudo().network)
        sentence = files_objection(cls.media, self.way, files) if cls else None
        return said(self.env, sentence) if sentence else ""

    def _outgoing_files(self):
        """Return the files of this message as connectors take them."""
        return tuple(
            OutgoingFile(
                name=one.name or "file",
                mimetype=one.mimetype or "application/octet-stream",
                data=one.raw or b"",
                alt=(one.description or "").strip(),
            )
            for one in self.sudo().attachment_ids.sorted("id")
        )

    def _file_entries(self):
        """Return what the reply box shows of the files."""
        return [
            {
                "id": one.id,
                "name": one.name,
                "mimetype": one.mimetype,
                "picture": (one.mimetype or "").startswith("image/"),
                "alt": one.description or "",
                "url": f"/web/image/{one.id}/96x96" if (one.mimetype or "").startswith("image/") else "",
            }
            for one in self.attachment_ids.sorted("id")
        ]
