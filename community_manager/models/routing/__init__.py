from . import (
    community_author,
    community_department,
    community_followup,
    community_lead,
    community_mention,
    community_origin,
    community_rule,
    community_ticket,
    crm_lead,
    project_task,
    res_company,
    res_partner,
)
