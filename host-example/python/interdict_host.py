"""The thin host in Python: screens from the state directory that `interdict refresh` keeps.

    pip install 'wasmtime>=48,<51'
    interdict enrol se.enrolment.json && interdict refresh         # the Rust command, from cron
    interdict policy json > policy.json
    python interdict_host.py state policy.json < requests.ndjson > verdicts.ndjson

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
POISONED, ANSWER_TOO_LARGE, HISTORY_DAMAGED = -4, -28, -100
NO_VERDICT, MAX_LINES, MAX_BATCH = 60, 32_768, 16 << 20
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
    """An instance loaded from a state directory: coalitions, saved files, then the choices. `policy` is an object
    with the lists that must answer: {"required": {"se": ["se/merchants"]}}. Without one, no verdict is clean."""

    def __init__(self, state, module=None, policy=None, now=None):
        state, now = pathlib.Path(state), int(time.time()) if now is None else now
        module = module or Module()
        self.instance = Instance(module)
        if not state.is_dir():
            raise InterdictError(f"{state}: there is no state directory here; enrol first")
        shelves = sorted(path.parent for path in state.glob("*/enrolment.json"))
        for current in state.glob("*/current"):
            if current.parent not in shelves:
                raise InterdictError(f"{current.parent}: the enrolment is gone; restore it, or enrol again")
        for shelf in shelves:
            if (pages := shelf / "pages").exists():
                raise InterdictError(f"{pages}: pages of records were removed, and records are loaded"
                                     " whole; delete this folder, then run interdict refresh")
        enrolments = [json.loads(_text(shelf / "enrolment.json")) for shelf in shelves]
        self._configure([{"enrolment": enrolment, "history": _text(shelf / "history", "replace") or "none"}
                         for shelf, enrolment in zip(shelves, enrolments)], now)
        for shelf, enrolment in zip(shelves, enrolments):
            if current := _text(shelf / "current"):
                self._replay(enrolment["coalition"], shelf / f"generation-{int(current)}", now, True)
            self._replay(enrolment["coalition"], shelf / "pending", now, False)
        choices = {"receipt_key": _text(state / "receipt.key"), "policy": policy, "module": module.sha256}
        if _is_lost(state):
            choices["state_lost"] = True
        self.instance.call("configure", choices, now)

    def _configure(self, coalitions, now):
        """Hands over the enrolments as they are. Verdicts show that a damaged history is missing."""
        while True:
            try:
                return self.instance.call("configure", {"coalitions": coalitions}, now)
            except InterdictError as error:
                place = re.match(r"coalitions\[(\d+)\]\.history: ", str(error))
                if error.code != HISTORY_DAMAGED or not place:
                    raise
                coalitions[int(place[1])]["history"] = "none"

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


def _text(path, errors="strict"):
    if path.exists() and not path.is_file():  # opening a pipe would wait
        raise InterdictError(f"{path}: not a regular file")
    return path.read_text(errors=errors).strip() if path.is_file() else None


def _is_lost(state):
    """Whether the directory lacks a coalition or a secret that it had (docs/store.md, What the directory holds)."""
    path = state / "inventory.txt"
    if not path.exists():
        return False
    text = path.read_bytes().decode(errors="replace") if path.is_file() else ""
    names = sorted(set(text.split("\n")[1:-1]))
    if text != f"interdict-inventory-1 {len(names)}\n" + "".join(f"{name}\n" for name in names):
        return True
    secrets = ("receipt.key", "member.key")
    places = [state / name if name in secrets else state / name / "enrolment.json" for name in names]
    return not all(place.exists() for place in places)


def _verdict(answer):
    if answer.get("action") not in ACTIONS or not isinstance(answer.get("degraded"), bool):
        raise InterdictError("the module's answer is not one this host understands")
    return answer


if __name__ == "__main__":
    policy = json.loads(pathlib.Path(sys.argv[2]).read_text()) if len(sys.argv) > 2 else None
    gateway = Gateway(sys.argv[1] if len(sys.argv) > 1 else "state", policy=policy)
    source, batch = sys.stdin.buffer, 1000
    while lines := b"".join(itertools.islice(source, batch)):
        for answer in gateway.screen_batch(lines):
            print(json.dumps(answer, ensure_ascii=False, separators=(",", ":")))
