"""What the usual variables of an object store become."""

from __future__ import annotations

from citylake.pipelines.lake.object_store import object_store_options


def test_an_endpoint_says_whether_it_is_plain_and_no_variable_makes_commits_unsafe() -> None:
    given = {"AWS_ENDPOINT_URL": "https://far", "AWS_ENDPOINT_URL_S3": "http://near", "AWS_CONDITIONAL_PUT": "disabled"}
    assert object_store_options({**given, "PATH": "/"}) == {
        "AWS_ENDPOINT_URL": "http://near",
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_CONDITIONAL_PUT": "etag",
    }
    assert object_store_options({"AWS_DEFAULT_REGION": "cn-north-1"})["AWS_REGION"] == "cn-north-1"
