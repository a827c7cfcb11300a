from . import (
    community_agency,
    community_author,
    community_channel,
    community_conversation,
    community_mention,
    community_reply,
    res_users,
)
