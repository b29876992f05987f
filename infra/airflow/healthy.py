"""``python -m citylake.infra.airflow.healthy URL``: exit code 0 if the service reports that it is healthy.

The health check of a container. It needs only Python's standard library, and takes a tenth of a second.
"""

from __future__ import annotations

import sys
from urllib.error import URLError
from urllib.request import urlopen

_WAIT_S = 5.0


def is_healthy(url: str) -> bool:
    """Whether ``url`` answers 200."""
    try:
        with urlopen(url, timeout=_WAIT_S) as answer:  # noqa: S310 (the address is the operator's own)
            return bool(answer.status == 200)
    except (URLError, TimeoutError, ConnectionError):
        return False


if __name__ == "__main__":
    sys.exit(not is_healthy(sys.argv[1]))
