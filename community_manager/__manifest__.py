{
    "name": "Community Manager",
    "summary": "Listen to what people say about the company, route it, answer it",
    "version": "19.0.1.0.0",
    "category": "Marketing/Community",
    "author": "Community Manager contributors",
    "license": "LGPL-3",
    "depends": [
        "crm",
        "sale",
        "mass_mailing",
        "mass_mailing_sms",
        "project",
        "privacy_lookup",
    ],
    "external_dependencies": {
        "python": ["requests", "lxml", "feedparser", "pyahocorasick", "cryptography", "openpyxl"],
    },
    "data": [
        "security/community_groups.xml",
        "security/ir.model.access.csv",
        "security/community_rules.xml",
        "data/mail_activity_type.xml",
        "data/ir_cron.xml",
        "data/community_network.xml",
    ],
    "demo": [],
    "application": True,
}
