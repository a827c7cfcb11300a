from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ...analysis.matching import fold_text

#: days that are looked back, mentions that are read at most, and those below which a share says nothing
DAYS = 30
READ = 1_000
LEAST = 50
#: letters that a word with any ending must have at least
LEAST_LETTERS = 3
#: articles, pronouns, prepositions, conjunctions and auxiliary verbs: in nearly every text of some language
EMPTY_WORDS = frozenset(
    """
    a an the and or of to in on at by for with from is are was be it its this that these those i you he she we they me
    my your our not no do does have has will would can but as if so what
    el la los las un una unos unas y o de del al en con por para que se es son fue ser su sus lo le les mi tu yo nos no
    si como mas pero este esta esto
    o os as um uma e da do das dos em no na com por para que se foi seu sua eu nao
    le les une et ou du des au aux dans par pour avec sur est sont ce cette qui je vous nous ne pas
    der die das ein eine und oder von zu im am mit auf fur ist sind war ich du er sie wir ihr nicht
    il lo gli uno e di da in con su per tra che non si io
    """.split()
)


class CommunityCatchAll(models.AbstractModel):
    """Words that find nearly everything are refused, with the number of mentions they would have found.

    An administrator may allow them with a tick, which is noted in the log of the record.
    """

    _name = "community.catch.all"
    _description = "Guard against Words that Find Everything"

    catch_all = fields.Boolean(
        string="May match nearly everything",
        copy=False,
        help="Its words are taken although they match most of what comes in. Only administrators can say so.",
    )

    def _catch_all_words(self):
        """Return the words of this record that look for something."""
        raise NotImplementedError

    def _catch_all_volume(self):
        """Return (how many would have matched, of how many) of what came in lately."""
        raise NotImplementedError

    def _check_catch_all(self):
        """
        :raises ValidationError: words of an active record would find nearly everything
        """
        for record in self:
            words = record._catch_all_words() if record.active and not record.catch_all else ()
            if not words:
                continue
            empty = [word for word in words if says_nothing(word)]
            matched, looked = record._catch_all_volume()
            limit = record.company_id.community_catch_all_share
            too_many = looked >= LEAST and matched * 100 > limit * looked
            if not empty and not too_many:
                continue
            volume = self.env._(
                "It would have matched %(matched)d of %(looked)d in the last %(days)d days.",
                matched=matched,
                looked=looked,
                days=DAYS,
            )
            if empty:
                reason = self.env._("“%s” stands in nearly every text.", empty[0])
            else:
                reason = self.env._("The words of “%s” match nearly everything.", record.display_name)
            way = self.env._("Choose other words, or have an administrator tick “May match nearly everything”.")
            raise ValidationError(" ".join([reason, *([volume] if looked else []), way]))

    def _allow_catch_all(self, vals):
        """Note who allows what; called by ``create`` and ``write`` after the values were taken.

        :raises AccessError: somebody who is no administrator allows it
        """
        if not vals.get("catch_all"):
            return
        if not self.env.su and not self.env.user.has_group("community_manager.group_admin"):
            raise AccessError(
                self.env._("Only a community administrator can allow words that match nearly everything.")
            )
        for record in self:
            matched, looked = record._catch_all_volume()
            record.message_post(
                body=self.env._(
                    "Words that match nearly everything are allowed: %(matched)d of %(looked)d in %(days)d days.",
                    matched=matched,
                    looked=looked,
                    days=DAYS,
                ),
                subtype_xmlid="mail.mt_note",
            )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for record, vals in zip(records, vals_list, strict=True):
            record._allow_catch_all(vals)
        return records

    def write(self, vals):
        news = self.filtered(lambda record: not record.catch_all)
        result = super().write(vals)
        news._allow_catch_all(vals)
        return result

    @api.model
    def _since(self):
        return fields.Datetime.now() - timedelta(days=DAYS)


def says_nothing(word):
    """Return whether a word stands in nearly every text: a letter, an article, two letters with any ending.

    >>> [says_nothing(word) for word in ("a", "*", "the", "ab*", "lamp", "lam*", "how much", "東")]
    [True, True, True, True, False, False, False, False]
    """
    folded = fold_text(word).strip()
    bare = folded.strip("*#@ ")
    if not bare.isascii():
        return not bare or bare in EMPTY_WORDS
    if folded.endswith("*") and len(bare) < LEAST_LETTERS:
        return True
    return len(bare) < 2 or bare in EMPTY_WORDS
