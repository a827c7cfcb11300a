"""By what people are contacted, and how the media hang together."""

#: code → English name; the names are translated by the models that show them
MEDIA = [
    ("email", "E-mail"),
    ("sms", "Text message"),
    ("social", "Public answer"),
    ("message", "Private message"),
    ("call", "Call"),
    ("visit", "Visit"),
    ("post", "Letter"),
]
#: groups for which a limit counts together
GROUPS = [
    ("all", "All media together"),
    ("written", "Everything written to them"),
    ("email", "E-mails"),
    ("sms", "Text messages"),
    ("network", "Answers and messages on networks"),
    ("spoken", "Calls and visits"),
    ("post", "Letters"),
]
MEDIA_OF = {
    "all": tuple(code for code, _name in MEDIA),
    "written": ("email", "sms", "message", "post"),
    "email": ("email",),
    "sms": ("sms",),
    "network": ("social", "message"),
    "spoken": ("call", "visit"),
    "post": ("post",),
}
#: what consent is given or withdrawn for; what stands in public is no message to a person
CONSENT_MEDIA = [("all", "All media")] + [pair for pair in MEDIA if pair[0] != "social"]
#: days that a limit counts back
DAYS_OF = {"day": 1, "week": 7, "month": 30}
#: days of touches that decisions look at
OLDEST = 31
#: why somebody is not contacted now
REASONS = [
    ("limit", "Limit reached"),
    ("quiet", "Quiet hours"),
    ("ticket", "Open ticket"),
    ("complaint", "Open complaint"),
    ("mention", "Negative mention"),
    ("crisis", "Crisis"),
    ("not_now", "Asked to be left alone"),
    ("consent", "No consent"),
    ("hold", "Hold"),
    ("dead", "Cannot be reached"),
]
