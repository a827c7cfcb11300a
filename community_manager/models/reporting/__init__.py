from . import res_company
from . import community_daily
from . import community_daily_stale
from . import community_term_source
from . import community_term
from . import community_rising
from . import community_reputation
from . import res_config_settings
