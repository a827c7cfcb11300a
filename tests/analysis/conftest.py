"""The same examples every time, and many more of them, at random, under COMMUNITY_STRESS=1."""

import os

from hypothesis import settings

settings.register_profile("desk", deadline=None, database=None, derandomize=True, max_examples=300)
settings.register_profile("stress", deadline=None, database=None, max_examples=20_000)
settings.load_profile("stress" if os.environ.get("COMMUNITY_STRESS") == "1" else "desk")
