"""A repository on this machine that answers as a test tells it to."""

import http.server
import pathlib
import threading
import time


class Server(http.server.ThreadingHTTPServer):
    """Serves a folder. `answers` maps a path to a function that answers it instead, given the handler."""

    daemon_threads = True

    def __init__(self, folder, answers=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder, self.answers, self.asked = pathlib.Path(folder), answers or {}, []
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()

    def handle_error(self, *_):
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        answer = self.server.answers.get(self.path) or self.server.answers.get("*")
        if answer is not None and answer(self) is not PASSED:
            return
        file = self.server.folder / self.path.lstrip("/")
        if file.is_file():
            self.reply(200, file.read_bytes())
        else:
            self.reply(404)

    def reply(self, status, data=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


PASSED = object()
"""What an answer returns if the file shall be served after all."""


def status(number, **headers):
    return lambda handler: handler.reply(number, b"", **headers)


def body(data, **headers):
    return lambda handler: handler.reply(200, data, **headers)


def cut(length, data):
    """Says that it is longer than it is."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(length))
        handler.end_headers()
        handler.wfile.write(data)
        handler.close_connection = True

    return answer


def dripping(seconds):
    """A byte at a time, without end."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"1\r\nx\r\n")
                time.sleep(seconds)
        except OSError:
            handler.close_connection = True

    return answer
