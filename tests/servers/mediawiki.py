"""MediaWiki with SQLite and PHP: pages, talk pages and notifications by its action API."""

import os
import re
import shutil
from pathlib import Path

import requests

from . import php_program
from .debian import ServerError, install, run, unpack
from .process import LOOPBACK, Process, Server, free_port, fresh_folder

FILES = Path(__file__).with_name("mediawiki_site")
PROGRAMS = ["php-cli", "php-sqlite3", "php-xml", "php-mbstring", "php-intl"]
#: without what they depend on, which is a web server and a database server
APPLICATION = ["mediawiki", "mediawiki-classes"]
EXTENSIONS = (
    "mbstring xml dom simplexml xmlreader xmlwriter iconv fileinfo ctype intl pdo pdo_sqlite sqlite3 calendar tokenizer"
    " posix"
).split()
ADMIN = "Admin"
#: what a bot password of the tests may do
GRANTS = "basic,echo-read-notifications,createeditmovepage,editpage,delete,highvolume,viewmywatchlist,editmywatchlist"
#: how many requests it answers at once
WORKERS = 4
TIMEOUT = 60


def installed():
    """Return the folder of the unpacked server with an empty wiki, making it first if need be."""
    return install("mediawiki", [__file__, php_program.__file__, *sorted(FILES.iterdir())], _build)


def _build(folder):
    unpack(folder / "tree", PROGRAMS, APPLICATION)
    php_program.configure(folder, EXTENSIONS, "512M")
    programs = Programs(folder, folder)
    programs.data.mkdir()
    words = ["--dbtype", "sqlite", "--dbpath", programs.data, "--dbname", "wiki", "--server", programs.url]
    words += ["--scriptpath", "", "--lang", "en", "--pass", "password of the administrator", "--confpath", folder]
    programs.maintain("install", *words, "Test wiki", ADMIN, settings=None)
    (folder / "LocalSettings.php").unlink()
    programs.maintain("update", "--quick")


class Programs:
    """The programs of a wiki.

    :param Path home: where it is installed
    :param Path folder: where this run keeps database and logs
    """

    def __init__(self, home, folder):
        self.home = home
        self.folder = folder
        self.site = home / "tree/usr/share/mediawiki"
        self.data = folder / "data"
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.api = f"{self.url}/api.php"
        self.environment = {
            "SITE_URL": self.url,
            "WIKI_DATA": str(self.data),
            "PHP_INI_SCAN_DIR": "",
            "PHP_CLI_SERVER_WORKERS": str(WORKERS),
        }
        self.php = php_program.command(home)

    def maintain(self, script, *words, settings=FILES / "LocalSettings.php"):
        """Run one of the wiki's maintenance scripts and return what it says."""
        environment = {**os.environ, **self.environment} | ({"MW_CONFIG_FILE": str(settings)} if settings else {})
        command = [*self.php, "maintenance/run.php", script, *words]
        return run(command, f"MediaWiki's {script}", env=environment, cwd=self.site)


class Editor:
    """A user of the wiki with a client of their own.  ``login`` and ``password`` open the account to others."""

    def __init__(self, wiki, name):
        self.wiki = wiki
        self.name = name
        if name != ADMIN:
            wiki.maintain("createAndPromote", "--force", name, f"password of {name}")
        told = wiki.maintain("createBotPassword", "--appid", "tests", "--grants", GRANTS, name)
        found = re.search(r"password:'([^']+)'", told)
        if not found:
            raise ServerError(f"MediaWiki makes no password for {name}:\n{told}")
        self.login, self.password = f"{name}@tests", found.group(1)
        self.session = requests.Session()
        token = self._call("query", meta="tokens", type="login")["query"]["tokens"]["logintoken"]
        answer = self._call("login", lgname=self.login, lgpassword=self.password, lgtoken=token)
        if answer["login"]["result"] != "Success":
            raise ServerError(f"MediaWiki lets {name} not in: {answer}")

    def _call(self, action, **values):
        """Call the interface and return its answer.

        :raises ServerError: it refused
        """
        values |= {"action": action, "format": "json", "formatversion": "2"}
        answer = self.session.post(self.wiki.api, data=values, timeout=TIMEOUT).json()
        if "error" in answer:
            raise ServerError(f"MediaWiki refuses {action}: {answer['error']}")
        return answer

    def query(self, **values):
        """Ask the wiki."""
        return self._call("query", **values)["query"]

    def _token(self):
        return self.query(meta="tokens")["tokens"]["csrftoken"]

    def edit(self, title, text, **values):
        """Write a page, and have the wiki tell whom it concerns; returns ``{"pageid", "newrevid", …}``."""
        done = self._call("edit", title=title, text=text, token=self._token(), **values)["edit"]
        self.wiki.work()
        return done

    def ask(self, title, subject, text):
        """Open a section on a page; the text is signed."""
        return self.edit(title, f"{text} ~~~~", section="new", sectiontitle=subject)

    def delete(self, title):
        """Delete a page."""
        self._call("delete", title=title, token=self._token())

    def text(self, title):
        """Return the wikitext of a page, or ``None`` when there is none."""
        [page] = self.query(titles=title, prop="revisions", rvprop="content", rvslots="main")["pages"]
        return None if page.get("missing") else page["revisions"][0]["slots"]["main"]["content"]

    def revisions(self, title):
        """Return the revisions of a page, newest first."""
        [page] = self.query(titles=title, prop="revisions", rvprop="ids|user|comment|timestamp", rvlimit="max")["pages"]
        return page.get("revisions", [])


class MediaWiki(Server, Programs):
    """A running wiki with data of its own.  ``admin`` may do everything."""

    def __init__(self):
        home = installed()
        folder = fresh_folder("mediawiki")
        shutil.copytree(home / "data", folder / "data")
        super().__init__(home, folder)
        self.process = Process(
            "MediaWiki",
            [*self.php, "-S", f"{LOOPBACK}:{self.port}", "-t", self.site],
            folder / "php.log",
            env={**self.environment, "MW_CONFIG_FILE": str(FILES / "LocalSettings.php")},
            grace=1,
        )
        try:
            self.start()
            self.admin = Editor(self, ADMIN)
        except ServerError:
            self.remove()
            raise

    def answers(self):
        """Whether the wiki answers requests."""
        try:
            asked = {"action": "query", "meta": "siteinfo", "format": "json"}
            return requests.get(self.api, params=asked, timeout=10).ok
        except requests.RequestException:
            return False

    def editor(self, name):
        """Create a user and return their :class:`Editor`."""
        return Editor(self, name)

    def work(self):
        """Do what the wiki has put off: notifications, counts, search."""
        self.maintain("runJobs")
