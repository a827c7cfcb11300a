from odoo import models


class CommunityInfluencer(models.Model):
    """When contacts are merged, what was kept of each stays, in one record."""

    _inherit = "community.influencer"

    def _join(self):
        """Join records of one person in one company: all that belongs to any of them goes to the one furthest on."""
        keep = self.sorted(lambda one: (one.stage_id.sequence, one.stage_id.id, -one.id))[-1]
        rest = self - keep
        # sudo: what was paid is not for everybody who merges contacts
        books = rest.sudo().with_context(active_test=False)
        for name in ("collaboration_ids", "recognition_ids", "compensation_ids", "referral_ids"):
            books[name].write({"influencer_id": keep.id})
        candidates = self.env["community.candidate"].sudo().search([("influencer_id", "in", rest.ids)])
        candidates.write({"influencer_id": keep.id})
        rest.sudo()._lose("merged", keep.name)
        together = self.sudo()
        keep.sudo().write(
            {
                "author_ids": [(6, 0, together.author_ids.ids)],
                "tag_ids": [(6, 0, together.tag_ids.ids)],
                "topic_ids": [(6, 0, together.topic_ids.ids)],
                "agreements": "\n\n".join(dict.fromkeys(filter(None, together.mapped("agreements")))) or False,
                "source_id": keep.sudo().source_id.id or together.source_id[:1].id,
            }
        )
        for one in rest:
            keep.sudo().message_post(body=self.env._("“%s” was the same person: what was kept stands here.", one.name))
        return keep
