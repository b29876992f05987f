"""Print what the installed Airflow knows. The argument is a JSON list of command lines.

Prints its options as ``SECTION__OPTION``, of the command lines those that it does not take, what our workers are told,
and every name that Celery has a meaning for.
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
    """Whether Airflow's command line does not take these words."""
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
