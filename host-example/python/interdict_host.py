"""The thin host in Python: screens from the state directory that `interdict refresh` keeps.

    pip install 'wasmtime>=48,<51'
    interdict enrol se.enrolment.json && interdict refresh         # the Rust command, from cron
    python interdict_host.py state < requests.ndjson > verdicts.ndjson

`docs/abi.md` is the contract. As everywhere, no error, trap or unknown word is ever a verdict: each
raises. A call costs about 40 microseconds here, so screen in batches. One Instance is used by one
thread at a time. Fetching stays with `interdict refresh`: a Gateway made anew sees its result.
"""

import ctypes, hashlib, itertools, json, pathlib, re, sys, time
import wasmtime

BUILT = pathlib.Path(__file__).resolve().parents[2] / "wasm" / "dist" / "interdict.wasm"
OPERATIONS = ("configure", "poll", "supply", "screen", "screen_batch", "state", "describe")
OTHERS = ("abi_v1", "abi_version", "alloc", "free", "file_begin", "result", "last_error")
LATER = ("verdict", "walk")  # of ABI 1.1; an archived module may lack them
NEEDED = {"memory"} | {f"interdict_{name}" for name in OPERATIONS + OTHERS}
LINKER_GLOBALS = {"__data_end", "__heap_base"}
ACTIONS = {"allow", "monitor", "review", "hold_payout", "block"}
POISONED, ANSWER_TOO_LARGE, NO_VERDICT, MAX_LINES, MAX_BATCH = -4, -28, 60, 32_768, 16 << 20
WALK_TEXTS = {"name": 1, "path": 2, "history": 6, "files": 7}
WALK_NUMBERS = {"max_size": 3, "keep": 4, "completed": 5}


class InterdictError(Exception):
    """The module gave no answer. `code` is its error code, or None if the host found the fault."""

    def __init__(self, message, code=None):
        super().__init__(message)
        self.code = code


class Module:
    """A module compiled once and checked: it imports nothing, and exports the contract and nothing of another name."""

    def __init__(self, path=BUILT):
        self.engine = wasmtime.Engine()
        code = pathlib.Path(path).read_bytes()
        self.sha256 = hashlib.sha256(code).hexdigest()
        self.compiled = wasmtime.Module(self.engine, code)
        for item in self.compiled.imports:
            raise InterdictError(f"the module imports {item.module}.{item.name}")
        self.names = {export.name for export in self.compiled.exports}
        functions = {e.name for e in self.compiled.exports if isinstance(e.type, wasmtime.FuncType)}
        further = {name for name in functions if name.startswith("interdict_")}
        if NEEDED - self.names or self.names - LINKER_GLOBALS - NEEDED - further:
            raise InterdictError("the module's exports are not those of docs/abi.md")


class Instance:
    """One engine. After a trap it never answers again, and the caller makes another."""

    def __init__(self, module):
        self.store = wasmtime.Store(module.engine)
        exports = wasmtime.Instance(self.store, module.compiled, []).exports(self.store)
        self.memory = exports["memory"]
        names = [name for name in OPERATIONS + OTHERS + LATER if f"interdict_{name}" in module.names]
        self.functions = {name: exports[f"interdict_{name}"] for name in names}
        self.trapped = False
        version = self._run("abi_version")
        if version >> 16 != 1:
            raise InterdictError("the module speaks another ABI major")
        self.minor = version & 0xFFFF
        self.input, self.output = self._buffer(1 << 14), self._buffer(1 << 14)

    def call(self, operation, message, now=None):
        """Runs one operation on JSON bytes, or an object to write as JSON. Returns the answer's bytes."""
        if operation not in OPERATIONS:
            raise InterdictError("docs/abi.md has no such operation")
        if not isinstance(message, bytes):
            message = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
        if len(message) > self.input[1]:
            self.input = self._exchange(self.input, len(message))
        self._write(self.input[0], message)
        now = int(time.time()) if now is None else now
        now -= (now >> 31) << 32  # wasmtime takes an i32 with its sign
        length = self._run(operation, self.input[0], len(message), now, *self.output)
        if length == POISONED:
            self.trapped = True
            raise InterdictError("the module trapped before")
        if length < 0:
            whole = self._run("last_error", *self.output)
            raise InterdictError(self._read(max(0, min(whole, self.output[1]))).decode(), length)
        if length > self.output[1]:  # it has run; only its answer did not fit
            self.output = self._exchange(self.output, length)
            if self._run("result", *self.output) != length:
                raise InterdictError("the module does not hand out its answer")
        return self._read(length)

    def verdict(self):
        """The number of the last verdict, 60 if the last operation was no `screen` that gave one."""
        if self.trapped or "verdict" not in self.functions:
            return NO_VERDICT
        return self._run("verdict")

    def walk(self, question):
        """A fact of the last `poll` or `supply` without its JSON; a text is empty if there is none."""
        if "walk" not in self.functions:
            raise InterdictError("the module is older than this question")
        if question in WALK_NUMBERS:
            return self._run("walk", WALK_NUMBERS[question], 0, 0)
        length = self._run("walk", WALK_TEXTS[question], *self.output)
        if length > self.output[1]:
            self.output = self._exchange(self.output, length)
            length = self._run("walk", WALK_TEXTS[question], *self.output)
        if length < 0:
            raise InterdictError("the module does not answer the question", length)
        return self._read(length).decode()

    def file(self, data):
        """Puts a file into the open region, for the next `supply`."""
        pointer = self._run("file_begin", len(data))
        if pointer <= 0:
            raise InterdictError("the module has no room for the file")
        self._write(pointer, data)

    def _run(self, name, *arguments):
        if self.trapped:
            raise InterdictError("the module trapped before")
        try:
            return self.functions[name](self.store, *arguments)
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            self.trapped = True
            raise InterdictError("the module trapped") from error

    def _buffer(self, length):
        pointer = self._run("alloc", length)
        if pointer <= 0:
            raise InterdictError("too large for the module")
        return pointer, length

    def _exchange(self, old, length):
        new = self._buffer(1 << (length - 1).bit_length())
        self._run("free", *old)
        return new

    def _address(self, pointer, length):  # asked for each time: memory moves when it grows
        if pointer < 0 or pointer + length > self.memory.data_len(self.store):
            raise InterdictError("the module gave a pointer outside its memory")
        return ctypes.addressof(self.memory.data_ptr(self.store).contents) + pointer

    def _write(self, pointer, data):
        ctypes.memmove(self._address(pointer, len(data)), data, len(data))

    def _read(self, length):
        return ctypes.string_at(self._address(self.output[0], length), length)


class Gateway:
    """An instance loaded from a state directory: coalitions, saved files, then the secrets."""

    def __init__(self, state, module=None, policy=None, now=None):
        state, now = pathlib.Path(state), int(time.time()) if now is None else now
        module = module or Module()
        self.instance = Instance(module)
        shelves = sorted(path.parent for path in state.glob("*/enrolment.json"))
        for shelf in shelves:
            if (pages := shelf / "pages").exists():
                raise InterdictError(f"{pages}: pages of records were removed, and records are loaded"
                                     " whole; delete this folder, then run interdict refresh")
        enrolments = [json.loads((shelf / "enrolment.json").read_text()) for shelf in shelves]
        newest = [int(_text(shelf / "newest_time") or 0) or None for shelf in shelves]
        keys = [{"coalition": e["coalition"], "key": k["key"]} for e in enrolments for k in e["keys"]]
        roots = [{"name": e["coalition"], "root": e["root"], "lists": e["lists"]} for e in enrolments]
        ids = _key_ids(Instance(module), roots, keys, now)
        coalitions = [{**root, "newest_time": time, **_choice(shelf, enrolment, ids)}
                      for root, time, shelf, enrolment in zip(roots, newest, shelves, enrolments)]
        self.instance.call("configure", {"coalitions": coalitions}, now)
        for shelf, enrolment in zip(shelves, enrolments):
            if current := _text(shelf / "current"):
                self._replay(enrolment["coalition"], shelf / f"generation-{int(current)}", now, True)
            self._replay(enrolment["coalition"], shelf / "pending", now, False)
        secrets = {"keys": keys, "receipt_key": _text(state / "receipt.key"), "policy": policy,
                   "module": module.sha256}
        self.instance.call("configure", secrets, now)

    def screen(self, request, now=None):
        """The verdict on one request, an object as docs/abi.md has it."""
        return _verdict(json.loads(self.instance.call("screen", request, now)))

    def screen_batch(self, lines, now=None):
        """An object for each line of newline-delimited requests: a verdict, or an `error`."""
        asked = lines.removesuffix(b"\n").split(b"\n") if lines else []
        answers, left = {}, list(range(len(asked)))
        while left:
            sent, size = 0, 0
            while sent < min(len(left), MAX_LINES) and (sent == 0 or size + len(asked[left[sent]]) < MAX_BATCH):
                size, sent = size + len(asked[left[sent]]) + 1, sent + 1
            told = self._batch([asked[line] for line in left[:sent]], now)
            late = [line for line, answer in zip(left, told) if answer.get("error", {}).get("code") == ANSWER_TOO_LARGE]
            if late[:1] == left[:1]:  # it had all the room there is
                raise InterdictError("a line's answer is too large")
            answers |= zip(left, told)
            left = late + left[sent:]
        return [answers[line] for line in range(len(asked))]

    def _batch(self, asked, now):
        answers = self.instance.call("screen_batch", b"\n".join(asked) + b"\n", now)
        answers = [json.loads(answer) for answer in answers.removesuffix(b"\n").split(b"\n")]
        numbers = [answer.pop("line", None) for answer in answers]
        if len(answers) != len(asked) or (self.instance.minor and numbers != list(range(len(asked)))):
            raise InterdictError("the module did not answer every line")
        return [answer if "error" in answer else _verdict(answer) for answer in answers]


    def _bring(self, directory, fetch):
        file = directory / fetch["name"]
        if file.parent != directory or not file.is_file():
            return "not_found"
        self.instance.file(file.read_bytes())
        return "bytes"

    def _replay(self, coalition, directory, now, must_complete):
        try:
            progress = self.instance.call("poll", {"coalition": coalition, "begin": "store"}, now)
            while fetch := (progress := json.loads(progress))["fetch"]:
                outcome = self._bring(directory, fetch)
                supply = {"coalition": coalition, "name": fetch["name"], "outcome": outcome}
                progress = self.instance.call("supply", supply, now)
        except InterdictError as error:
            if must_complete or error.code is None:  # files of two unfinished updates need not fit
                raise
        else:
            if must_complete and not progress["completed"]:
                raise InterdictError(f"{directory} does not make up a release; run interdict refresh")


def _key_ids(instance, roots, keys, now):
    """The ids of the keys in list headers, in the keys' order, as derived by the module."""
    instance.call("configure", {"coalitions": roots, "keys": keys}, now)
    asked = {"identifiers": [{"kind": "domain", "value": "shop.example"}]}
    described = json.loads(instance.call("describe", asked, now))["identifiers"][0]
    told = [(tag["coalition"], tag["key_id"]) for tag in described["look_ups"][0]["tags"]]
    ids = {}
    for root in roots:
        own = [key["key"] for key in keys if key["coalition"] == root["name"]]
        ids |= dict(zip(own, (key_id for coalition, key_id in told if coalition == root["name"])))
    return ids


def _choice(shelf, enrolment, ids):
    """The epochs whose files are on the shelf. `refresh` brings newer ones."""
    current = _text(shelf / "current")
    names = [file.name for file in (shelf / f"generation-{int(current)}").iterdir()] if current else []
    held = {int(match[1]) for name in names if (match := re.search(r"\.member-(\d+)\.filter$", name))}
    key_ids = [ids[k["key"]] for k in enrolment["keys"] if not current or k["epoch"] in held]
    return {"key_ids": key_ids}


def _text(path):
    return path.read_text().strip() if path.is_file() else None


def _verdict(answer):
    if answer.get("action") not in ACTIONS or not isinstance(answer.get("degraded"), bool):
        raise InterdictError("the module's answer is not one this host understands")
    return answer


if __name__ == "__main__":
    gateway = Gateway(sys.argv[1] if len(sys.argv) > 1 else "state")
    source, batch = sys.stdin.buffer, 1000
    while lines := b"".join(itertools.islice(source, batch)):
        for answer in gateway.screen_batch(lines):
            print(json.dumps(answer, ensure_ascii=False, separators=(",", ":")))
