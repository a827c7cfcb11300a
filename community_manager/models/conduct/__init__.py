from . import community_guideline
from . import community_guideline_version
from . import community_guideline_read
from . import community_lesson
from . import community_lesson_question
from . import community_lesson_choice
from . import community_lesson_result
from . import community_ask
