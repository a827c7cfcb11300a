from . import community_intent
from . import community_mention
from . import community_fingerprint
from . import community_analyst
from . import community_analyst_deep
from . import community_home
from . import product_template
from . import community_search
