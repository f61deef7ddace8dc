"""python-tuf as a client of `tests/compare/src/tuf`. Each line of standard input is a case, and each line
of standard output has its verdicts, one for each step. `tests/sigstore` does the same with sigstore-tuf."""

import base64
import json
import pathlib
import sys
from datetime import datetime, timezone

from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface, Updater


class Folder(FetcherInterface):
    """Addresses are paths."""

    def _fetch(self, url):
        path = pathlib.Path(url)
        if not path.is_file():
            raise DownloadHTTPError("no such file", 404)
        yield path.read_bytes()


def target(case, step):
    """The target's bytes; `None` if no role lists it."""
    store = pathlib.Path(case["store"]) / "python"
    store.mkdir(parents=True, exist_ok=True)
    repository = step["repository"]
    updater = Updater(
        str(store),
        f"{repository}/metadata/",
        target_base_url=f"{repository}/targets/",
        fetcher=Folder(),
        bootstrap=pathlib.Path(case["root"]).read_bytes(),
    )
    # Sets the clock of the case; python-tuf has no other way to.
    updater._trusted_set.reference_time = datetime.fromtimestamp(step["now"], timezone.utc)
    updater.refresh()
    info = updater.get_targetinfo(step["target"])
    if info is None:
        return None
    return pathlib.Path(updater.download_target(info, str(store / "target"))).read_bytes()


def verdict(case, step):
    try:
        found = target(case, step)
    except Exception as error:
        return {"verdict": "refused", "why": f"{type(error).__name__}: {error}"}
    if found is None:
        return {"verdict": "absent"}
    return {"verdict": "accepted", "base64": base64.b64encode(found).decode()}


for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps([verdict(case, step) for step in case["steps"]]), flush=True)
