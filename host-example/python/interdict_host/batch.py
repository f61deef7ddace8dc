"""Batches of any number of lines, in messages as large as the module takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Union

from .errors import AnswerError, InvalidError, RefusedError
from .instance import Instance, Message, as_bytes, refusal
from .verdict import Verdict

Answer = Union[Verdict, RefusedError]
"""What a batch has for a line: the verdict, or the refusal, which is no verdict."""

MAX_LINES: Final = 32_768
MAX_BYTES: Final = 16 << 20
ANSWER_TOO_LARGE: Final = -28
MESSAGE_TOO_LARGE: Final = -16


def lines_of(requests: bytes | str | Iterable[Message]) -> list[bytes]:
    """The lines of newline-delimited JSON, or one for each request. Raises InvalidError."""
    if isinstance(requests, (bytes, str)):
        whole = as_bytes(requests)
        return whole.removesuffix(b"\n").split(b"\n") if whole else []
    if isinstance(requests, Mapping):  # its keys would be taken for requests
        raise InvalidError("a batch is a list of requests; screen takes one")
    # A line feed would make two of it. To JSON a carriage return is the same: space, and not allowed in a string.
    return [as_bytes(request).replace(b"\n", b"\r") for request in requests]


def screen_lines(instance: Instance, lines: list[bytes], now: int) -> list[Answer]:
    """The answer to each line. One whose answer found no room beside the others is sent again."""
    answers: dict[int, Answer] = {}
    left = list(range(len(lines)))
    while left:
        sent = _fitting(lines, left)
        told = _screen(instance, [lines[at] for at in left[:sent]], now)
        late = [at for at, answer in zip(left, told) if isinstance(answer, RefusedError) and answer.code == ANSWER_TOO_LARGE]
        if late and late[0] == left[0]:  # it had all the room there is
            raise AnswerError("a line's answer is too large")
        answers.update(zip(left, told))
        left = late + left[sent:]
    return [answers[at] for at in range(len(lines))]


def _fitting(lines: list[bytes], left: list[int]) -> int:
    """How many of the lines go into one message."""
    size = 0
    for count, at in enumerate(left[:MAX_LINES]):
        size += len(lines[at]) + 1
        if size > MAX_BYTES and count:
            return count
    return min(len(left), MAX_LINES)


def _screen(instance: Instance, lines: list[bytes], now: int) -> list[Answer]:
    try:
        told = instance.call("screen_batch", b"\n".join(lines) + b"\n", now)
    except RefusedError as error:
        if len(lines) == 1 and error.code == MESSAGE_TOO_LARGE:
            return [error]
        raise
    texts = told.decode().removesuffix("\n").split("\n")
    if len(texts) != len(lines):
        raise AnswerError("the module did not answer every line")
    return [_answer(text, number, instance.minor) for number, text in enumerate(texts)]


def _answer(text: str, number: int, minor: int) -> Answer:
    if minor:  # a module of ABI 1.0 does not number its answers
        whole, text = text, text.removesuffix(f',"line":{number}}}')
        if text == whole:
            raise AnswerError("the module did not answer every line")
        text += "}"
    return refusal(text) if text.startswith('{"error":') else Verdict(text)
