"""The lines of docs/publisher.md that bring a repository to an object store, run as printed on a store in this process.

bucket.py INTERDICT-PUBLISH TOOL...: of each tool (`rclone`, `aws`) the lines run one after the other, for each of three
states of a repository. python-tuf polls over HTTP before the first line and after each. It finds the state before until
the last line has ended, and the new one from then on. Every object has the `Cache-Control` that the document's table
names for it.
"""

import fnmatch
import json
import logging
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

import boto3
from moto.server import ThreadedMotoServer
from tuf.ngclient import Updater

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
SECTION = re.search(r"\n## Upload and cache headers\n(.*?)\n## ", (ROOT / "docs/publisher.md").read_text(), re.S)[1]
EVERYBODY_READS = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lists/*"}]})


def lines(tool):
    """The block of the document with the tool's lines."""
    blocks = re.findall(r"```sh\n(.*?)```", SECTION, re.S)
    block, = [block.splitlines() for block in blocks if f"\n{tool} " in block]
    assert len(block) > 2, block
    return block


def headers():
    """The rows of the document's table: patterns of paths, and the header of what they match first."""
    rows = re.findall(r"^\| (`.*?) \| `(.*?)` \|", SECTION, re.M)
    found = [(pattern.replace("**", "*").replace("N.", "[0-9]*."), header)
             for patterns, header in rows for pattern in re.findall(r"`(.*?)`", patterns)]
    assert len(found) == 6, found
    return found


class Store:
    """A bucket `lists` that everybody may read."""

    def __init__(self):
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        host, port = self.server.get_host_and_port()
        self.address = f"http://{host}:{port}"
        outside = re.compile(r"AWS_|RCLONE_|.*_PROXY$", re.I)
        self.environment = {name: value for name, value in os.environ.items() if not outside.match(name)} | {
            "PATH": os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ["PATH"]]),
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "RCLONE_CONFIG": "",
            "RCLONE_CONFIG_BUCKET_TYPE": "s3",
            "RCLONE_CONFIG_BUCKET_PROVIDER": "Other",
            "RCLONE_CONFIG_BUCKET_ENV_AUTH": "true",
            "RCLONE_CONFIG_BUCKET_ENDPOINT": self.address,
        }
        self.client = boto3.client("s3", endpoint_url=self.address, region_name="us-east-1", aws_access_key_id="test",
                                   aws_secret_access_key="test")
        self.client.create_bucket(Bucket="lists")
        self.client.put_bucket_policy(Bucket="lists", Policy=EVERYBODY_READS)

    def objects(self):
        return [one["Key"] for one in self.client.list_objects_v2(Bucket="lists").get("Contents", [])]

    def empty(self):
        for key in self.objects():
            self.client.delete_object(Bucket="lists", Key=key)


class Desk:
    """A folder with a coalition `se` and its `mirror`."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.publish("init", "se", "--coalition", "se", "--test-keys")
        # With a public edition, every file that a repository may hold is there.
        self.publish("public", "start", "se")
        self.root = (self.folder / "se/repository/metadata/1.root.json").read_bytes()

    def publish(self, *arguments):
        subprocess.run([PROGRAM, *arguments], cwd=self.folder, check=True, capture_output=True)

    def release(self, name):
        (self.folder / "new.csv").write_text(f"kind,value\ndomain,{name}.example\n")
        self.publish("import", "se", "new.csv", "--source", "se")
        self.publish("release", "se", "--first", "--base")
        self.publish("upload", "se", "--to", "mirror")

    def renewal(self):
        self.publish("renew", "se")
        self.publish("upload", "se", "--to", "mirror")
        # As on a machine that was set up again: the same files with another time.
        for file in (self.folder / "mirror").rglob("*"):
            os.utime(file)

    def version(self):
        return json.loads((self.folder / "mirror/metadata/timestamp.json").read_text())["signed"]["version"]

    def files(self):
        mirror = self.folder / "mirror"
        return sorted(str(file.relative_to(mirror)) for file in mirror.rglob("*") if file.is_file())


def poll(desk, store, folder):
    """The version of the timestamp that a client of The Update Framework finds; it fetches every target too."""
    folder.mkdir(exist_ok=True)
    client = Updater(str(folder), f"{store.address}/lists/metadata/", str(folder), f"{store.address}/lists/targets/",
                     bootstrap=desk.root)
    client.refresh()
    for path in client._trusted_set.targets.targets:
        client.download_target(client.get_targetinfo(path))
    return client._trusted_set.timestamp.version


def check_headers(store, expected):
    """Every object has the header of the document's table; returns how many there are."""
    paths = store.objects()
    for path in paths:
        header, = {header for pattern, header in expected if fnmatch.fnmatchcase(path, pattern)}
        with urllib.request.urlopen(f"{store.address}/lists/{path}") as answer:
            found = answer.headers["Cache-Control"]
        assert found == header, f"{path}: {found}, expected {header}"
    return len(paths)


def check_bundle(store):
    """The bundle for pages holds the metadata that the store shows beside it."""
    def shown(path):
        with urllib.request.urlopen(f"{store.address}/lists/{path}") as answer:
            return answer.read().decode()
    files = json.loads(shown("metadata/bundle.json"))["files"]
    assert len(files) == 4, files.keys()
    for path, text in files.items():
        assert text == shown(path), path


def try_tool(tool, store):
    store.empty()
    before = None
    polls = ran = objects = 0
    with tempfile.TemporaryDirectory() as folder:
        desk, client = Desk(folder), pathlib.Path(folder) / "client"
        # In the middle of the second run the mirror changes.
        steps = [(lambda: desk.release("a"), None), (lambda: desk.release("b"), lambda: desk.release("c")),
                 (desk.renewal, None)]
        for step, meanwhile in steps:
            step()
            after = desk.version()
            for number, line in enumerate(lines(tool)):
                if before:
                    assert poll(desk, store, client) == before, f"before {line}"
                    polls += 1
                done = subprocess.run(["bash", "-c", line], cwd=folder, env=store.environment, capture_output=True,
                                      text=True)
                assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
                ran += 1
                if number == 1 and meanwhile:
                    meanwhile()
            assert poll(desk, store, client) == after, f"after {tool}"
            before = after
            polls += 1
            objects += check_headers(store, headers())
            check_bundle(store)
        assert store.objects() == desk.files()
    print(f"{tool}: {ran} lines, {polls} polls, {objects} headers")
    return ran


def main():
    # The store logs every request.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    store = Store()
    ran = sum(try_tool(tool, store) for tool in sys.argv[2:])
    store.server.stop()
    print(f"{ran} passed, 0 failed")


main()
