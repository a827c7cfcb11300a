from . import community_channel_wizard
