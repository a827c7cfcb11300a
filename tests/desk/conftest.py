"""The installer is no package of the addon: its folder joins the path here."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "docker"))
