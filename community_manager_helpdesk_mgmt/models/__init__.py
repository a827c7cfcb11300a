from . import community_author, community_department, community_mention, community_ticket, helpdesk_ticket
