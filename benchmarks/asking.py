"""Ask a Jupyter server over one connection, one request after the other.

Started with the server's address as its argument and the token in ``ASKING_TOKEN``. For
each number read, makes so many requests and prints their times in milliseconds as JSON.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import sys
import time
from urllib.parse import urlsplit


def main() -> None:
    """Ask as often as told."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this ends it
    address = urlsplit(sys.argv[1])
    headers = {"Authorization": f"token {os.environ['ASKING_TOKEN']}"}
    connection = http.client.HTTPConnection(address.netloc, timeout=60)
    for line in sys.stdin:
        print(json.dumps([_ask(connection, address.path, headers) for _ in range(int(line))]))
        sys.stdout.flush()


def _ask(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> float:
    began = time.perf_counter()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200 or answer.will_close:
        raise SystemExit(f"{path} answered {answer.status}, and the connection must stay open")
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    main()
