from . import community_author
from . import res_partner_timeline
from . import res_partner_private
from . import community_date
from . import community_privacy_log
from . import community_kept_out
from . import res_company
from . import res_partner
