"""What the driver measures: how the host holds out while everything changes under it, and how fast it is."""

import contextlib
import gc
import os
import pathlib
import random
import statistics
import threading
import time

from interdict_host import ClosedError, Gateway, Instance, InterdictError, Module, TrappedError


def resident():
    """Bytes of memory that the process has."""
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Soak:
    """Threads that screen, while lists are swapped, instances trap, and gateways are closed under them."""

    def __init__(self, line, module):
        self.line, self.module, self.lock = line, module, threading.Lock()
        self.counts = dict.fromkeys(("screened", "wrong", "trapped", "swapped", "closed"), 0)
        self.errors = {}
        self.ended = threading.Event()
        self.number = 1
        self.gateway = self.opened()

    def opened(self):
        options = {name: self.line[name] for name in ("policy", "receipts", "workers") if self.line.get(name)}
        return Gateway.open(self.line["state"], module=self.module, clock=self.now, **options)

    def now(self):
        return self.line["now"]

    def count(self, name):
        with self.lock:
            self.counts[name] += 1

    def unexpected(self, kind):
        with self.lock:
            self.errors[kind] = self.errors.get(kind, 0) + 1

    def screen(self):
        while not self.ended.is_set():
            request = random.choice(self.line["requests"])
            with self.tolerant():
                verdict = self.gateway.screen(request["message"], self.now())
                self.count("screened" if verdict.text in request["answers"] else "wrong")

    def trap(self):
        with self.tolerant():
            try:
                self.gateway.screen("!", self.now())
                self.unexpected("answered")
            except TrappedError:
                self.count("trapped")

    def swap(self):
        self.number = 3 - self.number
        shelf = pathlib.Path(self.line["state"]) / "se"
        (shelf / ".staged-current").write_text(f"{self.number}\n")
        os.replace(shelf / ".staged-current", shelf / "current")
        with self.tolerant():
            if self.gateway.reload_if_changed(self.now()):
                self.count("swapped")

    def reopen(self):
        old, self.gateway = self.gateway, self.opened()
        old.close()
        self.count("closed")

    @contextlib.contextmanager
    def tolerant(self):
        """A gateway that is closed during a call may say so; anything else is unexpected."""
        try:
            yield
        except ClosedError:
            pass
        except InterdictError as error:
            self.unexpected(error.kind)
        except Exception as error:
            self.unexpected(type(error).__name__)

    def every(self, seconds, act):
        while not self.ended.wait(seconds):
            act()

    def run(self):
        tasks = [(self.screen, ()) for _ in range(self.line["threads"])]
        tasks += [(self.every, (0.05, self.swap)), (self.every, (0.2, self.reopen))]
        if self.module is not None:
            tasks.append((self.every, (0.02, self.trap)))
        threads = [threading.Thread(target=task, args=arguments) for task, arguments in tasks]
        for thread in threads:
            thread.start()
        time.sleep(self.line["seconds"] / 3)
        third = resident()
        time.sleep(self.line["seconds"] * 2 / 3)
        end = resident()
        self.ended.set()
        for thread in threads:
            thread.join()
        self.gateway.close()
        return {**self.counts, "errors": self.errors, "third": third, "end": end}


def soak(line, module):
    """Runs for `seconds`. `module` is the path of one that traps if a message begins with an exclamation mark."""
    return Soak(line, Module(pathlib.Path(module).read_bytes()) if module else None).run()


def bench(line):
    """Times in nanoseconds a request, medians of nine samples of `milliseconds` together."""
    began, clock = line["now"], time.perf_counter()
    requests = [request.encode() for request in line["requests"]]

    def now():
        return began + int(time.perf_counter() - clock)

    def median(calls, act):
        samples, end = [], time.perf_counter() + line["milliseconds"] / 1000
        while len(samples) < 9 or time.perf_counter() < end:
            start = time.perf_counter_ns()
            act()
            samples.append((time.perf_counter_ns() - start) / calls)
        return round(statistics.median(samples))

    start_ms, module = timed(Module)
    more_ms, empty = timed(lambda: Instance(module))
    empty.close()
    options = {"policy": line["policy"], "module": module, "clock": now, "workers": 1}
    load_ms, gateway = timed(lambda: Gateway.open(line["state"], **options))
    with gateway._borrowed() as instance:
        clone_ms, clone = timed(instance.clone)
        bare_ns = median(len(requests), lambda: [clone.call("screen", request, now()) for request in requests])
        clone.close()
    single_ns = median(len(requests), lambda: [gateway.screen(request, now()) for request in requests])
    batch = b"".join(requests[at % len(requests)] + b"\n" for at in range(1000))
    batch_ns = median(1000, lambda: gateway.screen_batch(batch, now()))
    gc.collect()
    memory = resident()
    gateway.close()
    return {
        "start_ms": start_ms + more_ms,
        "load_ms": load_ms,
        "clone_ms": clone_ms,
        "single_ns": single_ns,
        "bare_ns": bare_ns,
        "batch_ns": batch_ns,
        "memory_bytes": memory,
    }


def timed(act):
    """Milliseconds, and what it made."""
    start = time.perf_counter()
    made = act()
    return round((time.perf_counter() - start) * 1000, 1), made
