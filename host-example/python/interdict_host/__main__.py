"""Screens newline-delimited requests: python -m interdict_host STATE [POLICY.json] < requests.ndjson > verdicts.ndjson"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from . import Gateway, InterdictError

BATCH = 1000


def main(arguments: list[str]) -> int:
    """Writes a line for each request: its verdict, or an object with `error`."""
    if not 1 <= len(arguments) <= 2 or arguments[0] in ("-h", "--help"):
        print(__doc__, file=sys.stderr)
        return 2
    policy = Path(arguments[1]).read_bytes() if len(arguments) > 1 else None
    with Gateway.open(arguments[0], policy=policy, workers=1) as gateway:
        while lines := b"".join(itertools.islice(sys.stdin.buffer, BATCH)):
            for answer in gateway.screen_batch(lines):
                print(answer.text)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (InterdictError, OSError) as error:
        sys.exit(f"interdict_host: {error}")
