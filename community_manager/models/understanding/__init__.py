from . import community_intent
from . import community_mention
from . import community_fingerprint
from . import community_analyst
from . import product_template
