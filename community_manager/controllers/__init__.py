from . import oauth
from . import presence
from . import push
