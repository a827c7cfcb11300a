from . import platform
from . import listening
from . import routing
