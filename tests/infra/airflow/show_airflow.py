"""Print what the installed Airflow supports. The argument is a JSON list of command lines.

Prints its options as ``SECTION__OPTION``, the command lines that it rejects, the settings of our workers,
and every setting that Celery defines.
"""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stderr
from io import StringIO

from airflow.cli.cli_parser import get_parser
from airflow.configuration import retrieve_configuration_description
from celery.app.defaults import DEFAULTS

from citylake.infra.airflow.workers import CONFIG


def refused(words: list[str]) -> bool:
    """Whether Airflow's command line rejects these arguments."""
    try:
        with redirect_stderr(StringIO()):
            get_parser().parse_args(words)
    except SystemExit:
        return True
    return False


if __name__ == "__main__":
    described = retrieve_configuration_description(include_providers=True)
    options = [f"{section}__{name}".upper() for section, body in described.items() for name in body["options"]]
    unknown = [words for words in json.loads(sys.argv[1]) if refused(words)]
    celery = {"workers": CONFIG, "celery": list(DEFAULTS)}
    print(json.dumps({"options": options, "refused": unknown, **celery}, default=str))
