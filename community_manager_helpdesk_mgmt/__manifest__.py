{
    "name": "Community Manager: OCA Helpdesk",
    "summary": "Keep the tickets that mentions lead to in OCA's helpdesk_mgmt",
    "version": "19.0.1.0.0",
    "category": "Marketing/Community",
    "author": "Community Manager contributors",
    "license": "AGPL-3",
    "depends": ["community_manager", "helpdesk_mgmt"],
    "data": [
        "data/helpdesk_ticket_channel.xml",
        "views/community_department_views.xml",
        "views/community_mention_views.xml",
        "views/helpdesk_ticket_views.xml",
    ],
    "auto_install": True,
}
