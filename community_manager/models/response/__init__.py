from . import community_hold
from . import community_reply
from . import community_reply_screen
from . import community_reply_send
from . import community_outbox
from . import community_mention
from . import community_channel
from . import community_home
