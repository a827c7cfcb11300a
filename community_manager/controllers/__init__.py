from . import consent
from . import oauth
from . import participation
from . import presence
from . import push
from . import share
from . import person
