"""What the usual variables of an object store become."""

from __future__ import annotations

from quality.object_store import options_of


def test_an_endpoint_says_whether_it_is_plain_and_no_variable_makes_commits_unsafe() -> None:
    given = {"AWS_ENDPOINT_URL": "https://far", "AWS_ENDPOINT_URL_S3": "http://near", "AWS_CONDITIONAL_PUT": "disabled"}
    assert options_of({**given, "PATH": "/"}) == {
        "AWS_ENDPOINT_URL": "http://near",
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_CONDITIONAL_PUT": "etag",
    }
    assert options_of({"AWS_DEFAULT_REGION": "cn-north-1"})["AWS_REGION"] == "cn-north-1"
