"""Sentences of connectors, said in the reader's language."""


def said(env, sentence):
    """Return a sentence or an error of a connector in the language of ``env``.

    What it was made of (``template`` and ``params``, see the connectors' base and errors) is translated and put
    together again; a sentence inside a sentence too.  Any other text is returned as it is translated, if it is.

    :param sentence: a text, a ``Sentence`` or a ``ConnectorError``
    """
    template = getattr(sentence, "template", None) or str(sentence)
    params = getattr(sentence, "params", None) or {}
    text = env._(template)
    if not params:
        return text
    return text % {name: said(env, value) if hasattr(value, "template") else value for name, value in params.items()}
