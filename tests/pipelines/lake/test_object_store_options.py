"""What the usual variables of an object store become."""

from __future__ import annotations

import pytest

from citylake.pipelines.lake.object_store import object_store_options
from citylake.schemas.words.errors import CitylakeError

LIMITS = {"timeout": "60000ms", "connect_timeout": "10000ms", "retry_timeout": "120000ms"}


def test_an_endpoint_says_whether_it_is_plain_and_no_variable_makes_commits_unsafe() -> None:
    given = {"AWS_ENDPOINT_URL": "https://far", "AWS_ENDPOINT_URL_S3": "http://near", "AWS_CONDITIONAL_PUT": "disabled"}
    assert object_store_options({**given, "PATH": "/"}) == {
        "AWS_ENDPOINT_URL": "http://near",
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_CONDITIONAL_PUT": "etag",
        **LIMITS,
    }
    assert object_store_options({"AWS_DEFAULT_REGION": "cn-north-1"})["AWS_REGION"] == "cn-north-1"


def test_the_time_of_one_request_is_set_by_a_variable() -> None:
    options = object_store_options({"CITYLAKE_STORE_TIMEOUT_S": "2.5"})
    assert {name: options[name] for name in LIMITS} == {
        "timeout": "2500ms",
        "connect_timeout": "2500ms",
        "retry_timeout": "5000ms",
    }


@pytest.mark.parametrize("said", ["0", "-1", "nan", "inf", "a minute", "1e9"])
def test_a_time_that_is_no_number_of_seconds_is_told(said: str) -> None:
    with pytest.raises(CitylakeError) as caught:
        object_store_options({"CITYLAKE_STORE_TIMEOUT_S": said})
    assert caught.value.code == "STORE_TIMEOUT_UNREADABLE"
    assert said in caught.value.say("en")
