"""What the environment gives to contracts is named in the workspace, or at least no credential."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from citylake.schemas.read.workspace import Workspace
from citylake.schemas.words.secret_words import is_secret_variable

SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "x",
    "aws_session_token": "x",
    "PGPASSWORD": "x",
    "MYSQL_PWD": "x",
    "SENTRY_DSN": "x",
    "SSH_PRIVATE": "x",
    "CITY_API_KEY": "x",
    "GOOGLE_APPLICATION_CREDENTIALS": "x",
    "AIRFLOW__CORE__FERNET_KEY": "x",
    "CITYLAKE_CONN_CITY": "x",
    "DATABASE_URL": "postgresql://me:hush@db/city",
    "AZURE_STORAGE_CONNECTION_STRING": "x",
    "STORE": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=x",
    "DRIVER": "Driver={PostgreSQL};Server=a;Pwd=x",
    "FEED": "https://city.example/a?format=csv&access_token=x",
    "SERVICE_ACCOUNT": '{"user": "a", "password": "x"}',
    "PEM": "-----BEGIN RSA-----",
    "MYSQLPASS": "x",
}
PLAIN = {
    "IN": "/data",
    "FEED_URL": "https://city.example/a?design=x",
    "PASSENGERS": "/in/passengers",
    "CITY_URL": "https://city.example/data",
    "PWD": "/work",
    "MONKEY": "x",
}


def given(root: Path, settings: str, environment: dict[str, str]) -> dict[str, str]:
    root.mkdir(parents=True, exist_ok=True)
    (root / "workspace.yaml").write_text(f"packs: []\n{settings}", "utf-8")
    return Workspace(root).given_variables(environment)


def test_without_a_list_every_variable_is_given_that_does_not_look_like_a_credential(tmp_path: Path) -> None:
    assert given(tmp_path, "", {**SECRETS, **PLAIN}) == PLAIN


def test_with_a_list_only_what_it_names_is_given_and_the_variables_that_have_a_default(tmp_path: Path) -> None:
    settings = "environment: [AWS_SECRET_ACCESS_KEY]\nvariables: {CITY_URL: 'https://elsewhere.example'}"
    assert set(given(tmp_path, settings, {**SECRETS, **PLAIN})) == {"AWS_SECRET_ACCESS_KEY", "CITY_URL"}
    assert given(tmp_path, "environment: []", PLAIN) == {}


def test_a_workspace_is_given_what_the_one_that_it_extends_names(tmp_path: Path) -> None:
    given(tmp_path / "base", "environment: [IN, CITY_API_KEY]", {})
    assert set(given(tmp_path / "own", "extends: ../base\nenvironment: []", {**SECRETS, **PLAIN})) == {
        "IN",
        "CITY_API_KEY",
    }


def test_what_is_no_name_of_a_variable_is_a_fault_of_the_workspace(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        given(tmp_path, "environment: ['A B']", {})


def test_a_password_in_an_address_is_a_credential_whatever_its_variable_is_called() -> None:
    assert is_secret_variable("CITY_URL", "https://me:hush@city.example")
    assert not is_secret_variable("CITY_URL", "https://city.example:8080/a@b")
