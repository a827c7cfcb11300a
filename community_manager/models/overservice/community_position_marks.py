from odoo import api, models

#: fields of an order that say when it was, whose it is and what was promised
ORDER = frozenset("state date_order commitment_date partner_id company_id".split())
INVOICE = frozenset("state invoice_date partner_id move_type".split())
TASK = frozenset("partner_id stage_id state date_end active project_id".split())
MENTION = frozenset("intent_ids published_at deleted_at outgoing author_id task_id copy_of_id".split())
REPLY = frozenset("state sent_at".split())
AUTHOR = frozenset(["partner_id"])


def _mark(records, partners="partner_id"):
    """Have the customers behind records looked at again.

    :param str partners: name of the field with the contact; None where the record is one
    """
    # sudo: whose it is, for the queue alone
    pairs = {
        (record.company_id.id or record.env.company.id, (record[partners] if partners else record).id)
        for record in records.sudo()
    }
    records.env["community.position.stale"].sudo()._mark(pairs)


class SaleOrder(models.Model):
    """Orders put customers at a moment."""

    _inherit = "sale.order"

    def write(self, vals):
        concerned = not ORDER.isdisjoint(vals)
        before = self.filtered(lambda order: order.state == "sale") if concerned else self.browse()
        if before:
            _mark(before)
        result = super().write(vals)
        if concerned:
            _mark(self.filtered(lambda order: order.state == "sale"))
        return result

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        _mark(orders.filtered(lambda order: order.state == "sale"))
        return orders

    def unlink(self):
        _mark(self)
        return super().unlink()


class AccountMove(models.Model):
    """Invoices put customers at a moment."""

    _inherit = "account.move"

    def write(self, vals):
        result = super().write(vals)
        if not INVOICE.isdisjoint(vals):
            _mark(self.filtered(lambda move: move.move_type == "out_invoice"))
        return result


class ProjectTask(models.Model):
    """Tickets are opened and closed."""

    _inherit = "project.task"

    def write(self, vals):
        concerned = not TASK.isdisjoint(vals)
        if concerned and "partner_id" in vals:
            _mark(self)
        result = super().write(vals)
        if concerned:
            _mark(self)
        return result

    @api.model_create_multi
    def create(self, vals_list):
        tasks = super().create(vals_list)
        _mark(tasks.filtered("partner_id"))
        return tasks


class CommunityMention(models.Model):
    """What customers ask in public."""

    _inherit = "community.mention"

    @api.model_create_multi
    def create(self, vals_list):
        mentions = super().create(vals_list)
        _mark(mentions.filtered(lambda mention: mention.author_id.partner_id))
        return mentions

    def write(self, vals):
        result = super().write(vals)
        if not MENTION.isdisjoint(vals):
            _mark(self.filtered(lambda mention: mention.author_id.partner_id))
        return result


class CommunityAuthor(models.Model):
    """Whoever turns out to be a customer brings along what they said."""

    _inherit = "community.author"

    def write(self, vals):
        concerned = not AUTHOR.isdisjoint(vals)
        if concerned:
            _mark(self)
        result = super().write(vals)
        if concerned:
            _mark(self)
        return result


class CommunityReply(models.Model):
    """What we answered."""

    _inherit = "community.reply"

    def write(self, vals):
        result = super().write(vals)
        if not REPLY.isdisjoint(vals):
            _mark(self.filtered(lambda reply: reply.state == "sent" and reply.author_id.partner_id))
        return result


class CommunityDate(models.Model):
    """Dates of persons come back."""

    _inherit = "community.date"

    @api.model_create_multi
    def create(self, vals_list):
        dates = super().create(vals_list)
        _mark(dates)
        return dates

    def write(self, vals):
        _mark(self)
        result = super().write(vals)
        _mark(self)
        return result

    def unlink(self):
        _mark(self)
        return super().unlink()


class MailMessage(models.Model):
    """Activities that are done leave a message on the customer or the order."""

    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        for vals, message in zip(vals_list, messages, strict=True):
            if vals.get("mail_activity_type_id") and message.model in ("res.partner", "sale.order"):
                record = self.env[message.model].browse(message.res_id)
                _mark(record, None if message.model == "res.partner" else "partner_id")
        return messages
