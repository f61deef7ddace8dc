"""The Python host as a program that the shared tests ask: driver.py [FIXTURES].

Each line of standard input is an object, and each has a line as its answer. Lines with `op` ask one raw instance
(fixtures/README.md, Protocol of a subject). Lines with `do` ask a gateway.
"""

import base64
import json
import os
import pathlib
import platform
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "host-example" / "python"))

from interdict_host import (  # noqa: E402
    Gateway,
    Instance,
    InterdictError,
    InvalidError,
    Module,
    Patience,
    RefusedError,
    decision,
)
from interdict_host.calls import WHEEL  # noqa: E402
import measures  # noqa: E402

FIXTURES = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "fixtures")


class Subject:
    """One raw instance, made anew by `new`."""

    def __init__(self, module):
        self.module, self.instance = module, Instance(module)

    def answer(self, step):
        if step["op"] == "new":
            self.instance.close()
            self.instance = Instance(self.module)
            return {"code": 0, "out": ""}
        message = step["in"].encode() if "in" in step else base64.b64decode(step["in_base64"])
        if "file_base64" in step:
            self.instance.file(base64.b64decode(step["file_base64"]))
        elif "file" in step:
            self.instance.file((FIXTURES / step["file"]).read_bytes())
        try:
            out = self.instance.call(step["op"], message, step["now"])
        except RefusedError as error:
            return {"code": error.code, "out": "", "error": str(error)}
        return {"code": 0, "out": out.decode()}


class Driver:
    """One gateway, which `open` replaces."""

    def __init__(self, module):
        self.module, self.gateway, self.count = module, None, 0

    def opened(self):
        if self.gateway is None:
            raise InvalidError("no gateway was opened")
        return self.gateway

    def about(self, _):
        runtime = f"wasmtime {WHEEL}, {self.module.call} call"
        compiled = not self.module.engine.is_pulley()
        return {
            "language": f"Python {platform.python_version()}",
            "runtime": runtime,
            "compiled": compiled,
            "module": self.module.sha256,
        }

    def open(self, line):
        if self.gateway is not None:
            self.gateway.close()
        self.gateway, self.count = None, 0
        options = {name: line[name] for name in ("policy", "enrolments", "workers", "receipts") if line.get(name)}
        patience = {name: limit / 1000 for name, limit in (line.get("patience") or {}).items()}
        self.gateway = Gateway.open(
            line["state"],
            module=self.module,
            clock=lambda: line["now"],
            on_receipt=self.received,
            allow_private=bool(line.get("private")),
            patience=Patience(**patience),
            **options,
        )
        return {}

    def received(self, receipt, answer):
        assert json.loads(receipt) == answer.receipt
        self.count += 1

    def screen(self, line):
        verdict = self.opened().screen(line["message"], line["now"])
        return {"answer": verdict.text, "action": verdict.action}

    def batch(self, line):
        return {"answers": [answer.text for answer in self.opened().screen_batch(line["lines"], line["now"])]}

    def refresh(self, line):
        return {"coalitions": [told(refreshed, "coalition") for refreshed in self.opened().refresh(line["now"])]}

    def status(self, line):
        status = self.opened().status(line["now"])
        refreshed = {name: told(one) for name, one in status.refreshed.items()}
        return {
            "coalitions": status.coalitions,
            "refreshed": refreshed,
            "warnings": status.warnings,
            "traps": status.traps,
        }

    def reload(self, line):
        return self.opened().reload_if_changed(line["now"])

    def selftest(self, line):
        self.opened().selftest(line["now"])
        return {}

    def close(self, _):
        self.opened().close()
        return {}

    def decide(self, line):
        return decision(line["action"], line.get("because"), line["flow"], line["holds"])

    def receipts(self, _):
        return {"count": self.count}

    def soak(self, line):
        return measures.soak(line, os.environ.get("INTERDICT_TEST_MODULE"))

    def bench(self, line):
        return measures.bench(line)

    def answer(self, line):
        actions = {name for name in vars(Driver) if name not in ("opened", "received", "answer", "__init__")}
        try:
            if line["do"] not in actions:
                raise InvalidError("no such line")
            return {"ok": getattr(self, line["do"])(line)}
        except InterdictError as error:
            code = {"code": error.code} if isinstance(error, RefusedError) else {}
            return {"error": {"kind": error.kind, **code, "text": str(error)}}


def told(refreshed, *names):
    """A refresh as the protocol has it."""
    names = [*names, "outcome", *(["why"] if refreshed.why is not None else [])]
    return {name: getattr(refreshed, name) for name in names}


def main():
    module = Module()
    subject, driver = Subject(module), Driver(module)
    for text in sys.stdin.buffer:
        line = json.loads(text)
        reply = subject.answer(line) if "op" in line else driver.answer(line)
        sys.stdout.buffer.write(json.dumps(reply, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
