"""Sentences for people, written in English and said in their language by the records floor."""


def _(text):
    """Mark a label or sentence for translation; the records floor translates it."""
    return text


class Sentence(str):
    """A sentence with values in it that can still be said in another language.

    It is the English text; ``env._(sentence.template) % sentence.params`` says it in the user's.

    >>> sentence = Sentence("Row %(row)s is empty.", row=3)
    >>> sentence, sentence.template, sentence.params
    ('Row 3 is empty.', 'Row %(row)s is empty.', {'row': 3})
    """

    def __new__(cls, template, **params):
        text = super().__new__(cls, template % params if params else template)
        text.template = template
        text.params = params
        return text
