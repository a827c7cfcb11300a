from . import (
    community_author,
    community_department,
    community_handoff,
    community_handoff_applicant,
    community_handoff_chase,
    community_handoff_make,
    community_handoff_tell,
    community_lead_return,
    community_mention,
    community_mention_words,
    community_rule,
    crm_lead,
)
