from . import res_company
from . import community_tie
from . import community_tie_stale
from . import community_tie_state
from . import community_influence
from . import community_author
from . import res_config_settings
