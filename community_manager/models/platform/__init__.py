from . import community_bulk
from . import community_told
from . import community_compiled
from . import community_languages
from . import community_home
from . import community_home_notice
from . import community_secret
from . import res_config_settings
