"""Attempts are those of stamina, which is imported only once something fails."""

from __future__ import annotations

import subprocess
import sys

import pytest
import stamina

from citylake.pipelines.lake.retry_attempts import RetryOn, retry_attempts


class BusyError(Exception):
    """A fault that passes."""


def _work(
    failures: int, error: type[Exception], on: RetryOn, attempts: int = 4, made: list[int] | None = None
) -> list[int]:
    """The numbers of the attempts made until one succeeds."""
    made = [] if made is None else made
    for attempt in retry_attempts(on, attempts=attempts, wait_initial=0.0, wait_max=0.0, wait_jitter=0.0):
        with attempt:
            made.append(len(made))
            if len(made) <= failures:
                raise error
    return made


@pytest.mark.parametrize("failures", range(4))
@pytest.mark.parametrize(
    "on", [BusyError, (BusyError, OSError), lambda error: isinstance(error, BusyError), lambda _: 0.0]
)
def test_work_is_done_until_it_succeeds(failures: int, on: RetryOn) -> None:
    assert len(_work(failures, BusyError, on)) == failures + 1


def test_the_last_failure_is_raised_and_the_first_attempt_counts() -> None:
    made: list[int] = []
    with pytest.raises(BusyError):
        _work(9, BusyError, BusyError, attempts=3, made=made)
    assert made == [0, 1, 2]


@pytest.mark.parametrize("on", [BusyError, (BusyError,), lambda error: isinstance(error, BusyError)])
def test_another_failure_is_raised_at_once(on: RetryOn) -> None:
    with pytest.raises(ZeroDivisionError):
        _work(1, ZeroDivisionError, on)


def test_a_process_without_retries_has_none() -> None:
    with stamina.set_testing(True, attempts=1), pytest.raises(BusyError):
        _work(1, BusyError, BusyError)


def test_a_program_that_uses_the_library_keeps_its_standard_output() -> None:
    script = (
        "from citylake.pipelines.lake.retry_attempts import retry_attempts\n"
        "made = []\n"
        "for attempt in retry_attempts(OSError, attempts=2, wait_initial=0.0):\n"
        "    with attempt:\n"
        "        made.append(1)\n"
        "        if len(made) < 2: raise OSError\n"
        "print(len(made))\n"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said == "2\n"


def test_work_that_succeeds_imports_no_stamina() -> None:
    script = (
        "import sys; from citylake.pipelines.lake.retry_attempts import quiet_retries, retry_attempts\n"
        "quiet_retries()\n"
        "for attempt in retry_attempts(OSError):\n"
        "    with attempt: pass\n"
        "sys.exit('stamina' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_quiet_retries_are_not_logged() -> None:
    script = (
        "import logging; logging.basicConfig()\n"
        "from citylake.pipelines.lake.retry_attempts import quiet_retries, retry_attempts; quiet_retries()\n"
        "times = 0\n"
        "for attempt in retry_attempts(OSError, wait_initial=0.0, wait_jitter=0.0):\n"
        "    with attempt:\n"
        "        times += 1\n"
        "        if times < 3: raise OSError\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stderr == ""
