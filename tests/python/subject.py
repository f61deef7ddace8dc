"""The Python host as a subject of the corpus: `subject.py FIXTURES`, protocol in fixtures/README.md."""

import base64
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "host-example" / "python"))

from interdict_host import Instance, InterdictError, Module  # noqa: E402


def answer(instance, step):
    message = step["in"].encode() if "in" in step else base64.b64decode(step["in_base64"])
    if "file_base64" in step:
        instance.file(base64.b64decode(step["file_base64"]))
    try:
        out = instance.call(step["op"], message, step["now"])
    except InterdictError as error:
        if error.code is None:
            raise
        return {"code": error.code, "out": "", "error": str(error)}
    return {"code": 0, "out": bytes(out).decode()}


def main():
    module = Module()
    instance = Instance(module)
    for line in sys.stdin:
        step = json.loads(line)
        if step["op"] == "new":
            instance = Instance(module)
            reply = {"code": 0, "out": ""}
        else:
            reply = answer(instance, step)
        print(json.dumps(reply, ensure_ascii=False), flush=True)


main()
