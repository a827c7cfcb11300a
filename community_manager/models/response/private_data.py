"""Finding in a text what should not stand in public: ways to reach a person, numbers of accounts, cards and orders."""

import re

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}", re.UNICODE)
_LINK = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_DATE = re.compile(r"\b(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})\b")
_TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}\b")
_MONEY = re.compile(
    r"(?:[€$£]\s?\d[\d.,' ]{0,20}\d|(?<![\d.,'])\d[\d.,']{0,20}\s?(?:[€$£%]|(?:eur|euros?|usd|mm|cm|km|kg|g|ml)\b))",
    re.IGNORECASE,
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b")
_DIGITS = re.compile(r"(?<![\w@#])\+?\(?\d(?:[ .\-/()]{0,2}\d){7,18}(?![\w@])")
#: words that announce the number of an order, an invoice or a delivery
_ORDER = re.compile(
    r"\b(?:order|pedido|invoice|factura|receipt|recibo|delivery|env[ií]o|tracking|seguimiento|albar[aá]n|ticket|"
    r"reference|referencia|ref|booking|reserva|customer|cliente|contract|contrato)\b"
    r"[\s.:]{0,3}(?:(?:number|n[uú]mero|no|nr|n[ºo°]|num|is|es|de)[\s.:#º°]{1,3}){0,2}#?"
    r"(?P<number>(?=[\w/-]*\d{3})[A-Z0-9][\w/-]{2,30})",
    re.IGNORECASE,
)
#: digits of a telephone number, of a card
PHONE = range(9, 16)
CARD = range(13, 20)


def find(text, order_pattern=None):
    """Return what a text holds that should not stand in public.

    :param str text: plain text
    :param order_pattern: compiled expression that the names of our own orders match, or None
    :returns: list of (kind, words) in the order found, kinds being "email", "iban", "card", "phone" and "order"

    >>> find("Call 612 345 678 or write to ana@example.org about order 48213")
    [('email', 'ana@example.org'), ('phone', '612 345 678'), ('order', '48213')]
    >>> find("It costs 1.234,56 €, opens 10:30 on 12/11/2026, see https://acme.example/p/123456789")
    []
    """
    found = []

    def take(kind, pattern, good=lambda words: True):
        nonlocal text
        pieces, end = [], 0
        for match in pattern.finditer(text):
            group = "number" if "number" in pattern.groupindex else 0
            words = match.group(group).strip()
            if good(words):
                found.append((kind, words))
                pieces += [text[end : match.start(group)], " " * (match.end(group) - match.start(group))]
                end = match.end(group)
        text = "".join([*pieces, text[end:]])

    text = _LINK.sub(_blank, text)
    take("email", _EMAIL)
    take("iban", _IBAN, is_iban)
    take("card", _DIGITS, is_card)
    for harmless in (_DATE, _TIME, _MONEY):
        text = harmless.sub(_blank, text)
    if order_pattern is not None:
        take("order", order_pattern)
    orders = len(found)
    take("order", _ORDER, lambda words: not is_phone(words) or words.isdigit() and len(words) < min(PHONE))
    announced, found[orders:] = found[orders:], []
    take("phone", _DIGITS, is_phone)
    return found + announced


def _blank(match):
    return "\n" * len(match.group())


def _digits(words):
    return [int(letter) for letter in words if letter.isascii() and letter.isdigit()]


def is_phone(words):
    """Return whether words look like a telephone number that people write: long enough, and not one figure only."""
    digits = _digits(words)
    return len(digits) in PHONE and len(set(digits)) > 2


def is_card(words):
    """Return whether the last digit of a card's number is the one that the others lead to (Luhn, ISO/IEC 7812-1)."""
    digits = _digits(words)
    if len(digits) not in CARD or len(set(digits)) < 2 or words.lstrip().startswith("+"):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        double = digit * 2 if place % 2 else digit
        total += double - 9 if double > 9 else double
    return total % 10 == 0


def is_iban(words):
    """Return whether the check digits of an account number are right (ISO 13616: the remainder by 97 is 1)."""
    plain = re.sub(r"[ -]", "", words).upper()
    if not 15 <= len(plain) <= 34 or not plain.isascii():
        return False
    return int("".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])) % 97 == 1
