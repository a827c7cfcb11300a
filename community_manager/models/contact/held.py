"""Why Odoo's own messages were held back, as failure types."""

#: prefix of the failure types that stand for reasons of a contact policy
PREFIX = "community_"
#: added to Odoo's lists of failure types
FAILURES = [
    ("community_limit", "Held: contact limit reached"),
    ("community_ticket", "Held: open ticket"),
    ("community_complaint", "Held: open complaint"),
    ("community_mention", "Held: negative mention"),
    ("community_crisis", "Held: crisis"),
    ("community_not_now", "Held: asked to be left alone"),
    ("community_consent", "Held: no consent"),
    ("community_hold", "Held: by hand"),
    ("community_dead", "Held: contact archived"),
]
#: what becomes of messages when the application goes
GONE = {code: "set null" for code, _label in FAILURES}
