from . import community_feedback
from . import community_feedback_similar
from . import community_feedback_answer
from . import community_mention
