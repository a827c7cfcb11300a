from . import abstract_try
from . import community_channel_wizard
from . import community_moderation
from . import community_namesake
from . import community_reanalyse
from . import community_rule_try
from . import community_topic_try
