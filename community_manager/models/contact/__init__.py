from . import community_purpose
from . import community_contact_limit
from . import community_contact_policy
from . import community_touch
from . import community_touch_window
from . import community_consent
from . import community_consent_event
