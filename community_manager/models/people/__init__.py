from . import community_author
from . import res_partner_timeline
from . import res_partner_private
