from . import platform
from . import listening
from . import routing
from . import response
from . import understanding
from . import reporting
