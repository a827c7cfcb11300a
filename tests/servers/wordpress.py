"""WordPress with MariaDB and PHP: posts and comments by its REST interface, feeds of both for the world."""

import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from . import php_program
from .debian import ServerError, install, program, run, unpack
from .process import LOOPBACK, Process, free_port, fresh_folder

PHP_FILES = Path(__file__).with_name("php")
PROGRAMS = ["php-cli", "php-mysql", "php-xml", "php-mbstring", "mariadb-server-core"]
#: without what they depend on, which is a web server, an interpreter and a database client
APPLICATION = [
    "wordpress",
    "wordpress-theme-twentytwentyfive",
    "php-getid3",
    "libjs-cropper",
    "libjs-lodash",
    "libjs-underscore",
]
EXTENSIONS = (
    "mysqlnd mysqli ctype mbstring xml dom simplexml xmlreader xmlwriter iconv fileinfo exif posix tokenizer"
).split()
#: how many requests it answers at once
WORKERS = 4
#: requests that its interface takes in one
BATCH = 25
#: the operating system's limit
LONGEST_SOCKET = 107
TIMEOUT = 60


def installed():
    """Return the folder of the unpacked server with an empty site, making it first if need be."""
    return install("wordpress", [__file__, php_program.__file__, *sorted(PHP_FILES.iterdir())], _build)


def _build(folder):
    tree = folder / "tree"
    unpack(tree, PROGRAMS, APPLICATION)
    _copy_application(tree, folder / "site")
    php_program.configure(folder, EXTENSIONS, "256M")
    _create_database(tree, folder / "database")
    programs = Programs(folder, folder)
    try:
        programs.start_database()
        run(
            [*programs.php, PHP_FILES / "setup.php", folder / "site", folder / "password"],
            "Creating the WordPress site",
            env={**os.environ, **programs.environment},
        )
    finally:
        programs.stop()


def _copy_application(tree, site):
    """Copy WordPress out of the tree with what its links point to, and add our files."""
    source = tree / "usr/share/wordpress"
    for folder, _folders, files in os.walk(source):
        target = site / Path(folder).relative_to(source)
        target.mkdir(parents=True, exist_ok=True)
        for name in files:
            path = Path(folder, name)
            if path.is_symlink() and os.readlink(path).startswith("/"):
                path = tree / os.readlink(path).lstrip("/")
            if path.is_file():
                shutil.copyfile(path, target / name)
    shutil.copy(PHP_FILES / "wp-config.php", site)
    (site / "wp-content/mu-plugins").mkdir(exist_ok=True)
    shutil.copy(PHP_FILES / "no-flood.php", site / "wp-content/mu-plugins")


def _create_database(tree, folder):
    """Create MariaDB's own tables and an empty database for the site."""
    folder.mkdir()
    scripts = ("mariadb_system_tables", "mariadb_system_tables_data", "maria_add_gis_sp_bootstrap")
    lines = ["CREATE DATABASE mysql;", "CREATE DATABASE wordpress CHARACTER SET utf8mb4;", "USE mysql;"]
    lines += [(tree / f"usr/share/mariadb/{name}.sql").read_text() for name in scripts]
    run([*_mariadb(tree, folder), "--bootstrap"], "Creating MariaDB's tables", input="\n".join(lines) + "\n")


def _mariadb(tree, data):
    """Return the command that starts MariaDB; nobody but us can reach it, so it asks for no password."""
    return [
        *program(tree, "usr/sbin/mariadbd"),
        "--no-defaults",
        *(["--user=root"] if os.getuid() == 0 else []),
        f"--basedir={tree}/usr",
        f"--lc-messages-dir={tree}/usr/share/mariadb",
        f"--character-sets-dir={tree}/usr/share/mariadb/charsets",
        f"--plugin-dir={tree}/usr/lib/mysql/plugin",
        f"--datadir={data}",
        "--skip-networking",
        "--skip-grant-tables",
        "--innodb-log-file-size=16M",
        "--innodb-buffer-pool-size=64M",
        "--innodb-flush-log-at-trx-commit=0",
    ]


class Programs:
    """The processes of a site.

    :param Path home: where it is installed
    :param Path folder: where this run keeps database and logs
    """

    def __init__(self, home, folder):
        self.home = home
        self.folder = folder
        self.tree = home / "tree"
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.socket = folder / "socket"
        if len(str(self.socket)) > LONGEST_SOCKET:
            self.socket = Path(tempfile.mkdtemp(prefix="mariadb-")) / "socket"
        self.environment = {
            "DB_SOCKET": str(self.socket),
            "SITE_URL": self.url,
            "ACCESS_LOG": str(folder / "access.log"),
            "PHP_INI_SCAN_DIR": "",
            "PHP_CLI_SERVER_WORKERS": str(WORKERS),
        }
        self.php = php_program.command(home)
        self.database = Process(
            "MariaDB",
            [*_mariadb(self.tree, folder / "database"), f"--socket={self.socket}"],
            folder / "mariadb.log",
        )
        self.web = Process(
            "WordPress",
            [*self.php, "-S", f"{LOOPBACK}:{self.port}", "-t", home / "site", PHP_FILES / "router.php"],
            folder / "php.log",
            env=self.environment,
            grace=1,
        )

    def start_database(self):
        """Start MariaDB and wait until it takes connections."""
        log = self.database.log
        start = log.stat().st_size if log.exists() else 0
        self.database.start().ready(lambda: b"ready for connections" in log.read_bytes()[start:])

    def answers(self):
        """Whether the site answers requests."""
        try:
            return requests.get(f"{self.url}/wp-json/", timeout=10).ok
        except requests.RequestException:
            return False

    def start(self):
        """Start database and web server with the data they have."""
        self.start_database()
        self.web.start().ready(self.answers)

    def stop(self):
        """Stop both and keep their data."""
        self.web.stop()
        self.database.stop()


class Writer:
    """A user of the site with a client of their own."""

    def __init__(self, site, name, password, user_id):
        self.site = site
        self.name = name
        self.id = user_id
        self.auth = (name, password)

    def call(self, method, path, space="wp/v2/", **values):
        """Call the REST interface and return its answer.

        :raises ServerError: it refused
        """
        url = f"{self.site.url}/wp-json/{space}{path}"
        answer = requests.request(method, url, auth=self.auth, json=values or None, timeout=TIMEOUT)
        if not answer.ok:
            raise ServerError(f"WordPress refuses {method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()

    def post(self, title, text, **values):
        """Publish a post."""
        return self.call("POST", "posts", title=title, content=text, status="publish", **values)

    def edit_post(self, post_id, **values):
        """Change a post."""
        return self.call("POST", f"posts/{post_id}", **values)

    def delete_post(self, post_id):
        """Delete a post for good."""
        return self.call("DELETE", f"posts/{post_id}?force=true")

    def comment(self, post_id, text, reply_to=0):
        """Comment on a post, or reply to a comment on it."""
        return self.call("POST", "comments", post=post_id, content=text, parent=reply_to)

    def edit_comment(self, comment_id, text):
        """Change a comment."""
        return self.call("POST", f"comments/{comment_id}", content=text)

    def delete_comment(self, comment_id):
        """Delete a comment for good."""
        return self.call("DELETE", f"comments/{comment_id}?force=true")

    def many(self, make, count):
        """Call ``make`` with 0 … ``count`` - 1, several at once, and return the answers in that order."""
        with ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(make, range(count)))

    def posts(self, entries):
        """Publish many posts, given as ``(title, text)``, several at once; return them in that order."""

        def publish(portion):
            requests = [
                {
                    "method": "POST",
                    "path": "/wp/v2/posts",
                    "body": {"title": title, "content": text, "status": "publish"},
                }
                for title, text in portion
            ]
            answer = self.call("POST", "batch/v1", space="", requests=requests)
            return [one["body"] for one in answer["responses"]]

        portions = [entries[place : place + BATCH] for place in range(0, len(entries), BATCH)]
        with ThreadPoolExecutor(WORKERS) as pool:
            return [post for portion in pool.map(publish, portions) for post in portion]


class WordPress(Programs):
    """A running site with data of its own.  ``admin`` may do everything."""

    def __init__(self):
        home = installed()
        folder = fresh_folder("wordpress")
        shutil.copytree(home / "database", folder / "database")
        super().__init__(home, folder)
        self.feed = f"{self.url}/feed/"
        self.comments_feed = f"{self.url}/comments/feed/"
        self.admin = Writer(self, "admin", (home / "password").read_text(), 1)
        try:
            self.start()
        except ServerError:
            self.remove()
            raise

    def writer(self, name, role="author"):
        """Create a user and return their :class:`Writer`."""
        user = self.admin.call(
            "POST", "users", username=name, email=f"{name}@example.test", password=f"{name} pw", roles=[role]
        )
        access = self.admin.call("POST", f"users/{user['id']}/application-passwords", name="tests")
        return Writer(self, name, access["password"], user["id"])

    @property
    def requests(self):
        """What the site was asked for so far, as lines like ``200 GET /feed/``."""
        return (self.folder / "access.log").read_text().splitlines()

    def restart(self):
        """Stop and start it, keeping address and data."""
        self.stop()
        self.start()

    def remove(self):
        """End it and remove its data."""
        self.web.kill()
        self.database.kill()
        if self.socket.parent != self.folder:
            shutil.rmtree(self.socket.parent, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)
