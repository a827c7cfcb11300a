from . import community_department
from . import community_rule
from . import community_ticket
