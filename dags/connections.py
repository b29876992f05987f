"""Airflow's connections as citylake's credentials, used if the environment does not define them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from airflow.sdk import Connection, Variable
from airflow.sdk.exceptions import AirflowNotFoundException

_OWN = ("headers", "params", "sign", "token", "uri", "options")
_STORES = ("aws", "s3", "sftp", "ssh", "ftp")
_WEB = ("http", "https", "generic")


def use_airflow_connections() -> None:
    """Look connections and keys up in Airflow too, for the rest of this task."""
    from citylake.pipelines.lake.secret_keys import register_key_lookup
    from citylake.pipelines.pull.credentials import register_connection_lookup

    register_connection_lookup(_look_up)
    register_key_lookup(_look_up_key)


def _look_up_key(name: str) -> str | None:
    """A key is an Airflow variable, named as its environment variable."""
    from citylake.pipelines.lake.secret_keys import key_variable

    found = Variable.get(key_variable(name), default=None)
    return None if found is None else str(found)


def _look_up(connection: str) -> Mapping[str, Any] | None:
    try:
        return connection_value(Connection.get(connection))
    except AirflowNotFoundException:
        return None


def connection_value(connection: Connection) -> Mapping[str, Any]:
    """What ``CITYLAKE_CONN_<ID>`` would hold.

    The members ``headers``, ``params``, ``token``, ``uri`` and ``options`` of the connection's extra are used as
    they are. Without them, an HTTP connection becomes basic authorization, or a bearer token if it has only a
    password; an object store becomes login and password as options; any other connection becomes a database URL.
    """
    extra = connection.extra_dejson
    own = {name: extra[name] for name in _OWN if name in extra}
    if own:
        return own
    kind, login, password = connection.conn_type or "generic", connection.login, connection.password
    if kind in _WEB:
        return _web(login, password)
    if kind in _STORES:
        names = ("key", "secret") if kind in ("aws", "s3") else ("username", "password")
        return {"options": dict(zip(names, (login, password), strict=True)) | extra}
    return {"uri": connection.get_uri().replace("postgres://", "postgresql://", 1)}


def _web(login: str | None, password: str | None) -> Mapping[str, Any]:
    if login is None:
        return {"token": password} if password else {}
    basic = b64encode(f"{login}:{password or ''}".encode()).decode()
    return {"headers": {"Authorization": f"Basic {basic}"}}
