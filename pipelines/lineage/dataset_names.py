"""OpenLineage names of sources and lake tables, without user names, passwords, query strings or keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from citylake.pipelines.lineage.lineage_model import DatasetName
from citylake.pipelines.pull.connectors.database.database_source import DatabaseSource
from citylake.pipelines.pull.credentials import load_credentials
from citylake.pipelines.pull.redact import redact_url
from citylake.pipelines.pull.source_variables import fill_variables
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.source import SourceBase
from citylake.schemas.words.errors import CitylakeError, Problem

_WILD = re.compile(r"[*?\[]")
_BUCKETS = ("s3", "s3a", "gs", "gcs", "oss", "cos", "obs")
_DATABASES = {
    "postgresql": ("postgres", 5432),
    "postgres": ("postgres", 5432),
    "mysql": ("mysql", 3306),
    "mariadb": ("mysql", 3306),
    "oracle": ("oracle", 1521),
    "mssql": ("mssql", 1433),
}


def name_from_url(url: str) -> DatasetName:
    """Return the OpenLineage name of a path or URL, without secrets."""
    whole = redact_url(url)
    if "://" not in whole:
        return DatasetName("file", PurePath(whole).as_posix())
    parts = urlsplit(whole)
    if parts.scheme == "file":
        return DatasetName("file", unquote(parts.path) or "/")
    # Object store keys have no leading slash; URL paths do.
    bucket = parts.scheme in _BUCKETS
    scheme = {"s3a": "s3", "gcs": "gs"}.get(parts.scheme, parts.scheme)
    return DatasetName(
        f"{scheme}://{parts.netloc}", (parts.path.strip("/") if bucket else parts.path.rstrip("/")) or "/"
    )


def _folder_above_wildcard(path: str) -> str:
    """Return the folder above the first wildcard of a path pattern."""
    if path.startswith(("http://", "https://")):
        return path
    scheme = path.find("://")
    found = _WILD.search(path, max(path.find("/", scheme + 3), 0) if scheme >= 0 else 0)
    return path if found is None else path[: found.start()].rpartition("/")[0] or "/"


def list_source_names(contract: Contract, variables: Mapping[str, str]) -> list[DatasetName]:
    """Return the names of the dataset's sources, at least one.

    If a variable or connection is not set, the name is (connector, dataset).
    """
    try:
        source = fill_variables(contract.source, variables)
        found = list(_source_names(source, contract.dataset))
        hide = load_credentials(source.connection_name).redact
        names = [DatasetName(hide(place.namespace), hide(place.name)) for place in dict.fromkeys(found)]
    except CitylakeError:
        names = []
    return names or [DatasetName(contract.source.connector, contract.dataset)]


def redact_problem(problem: Problem, contract: Contract) -> Problem:
    """Return the problem without the secrets of the dataset's connection."""
    try:
        hide = load_credentials(contract.source.connection_name).redact
    except CitylakeError:
        return problem
    values = {name: hide(value) if isinstance(value, str) else value for name, value in problem.values.items()}
    return Problem(problem.code, values)


def _source_names(source: SourceBase, dataset: str) -> Iterator[DatasetName]:
    """The places of a source's addresses, with the layer, table or type below them; a database has no address."""
    if isinstance(source, DatabaseSource):
        yield _database_name(source, dataset)
    below = source.resource_path()
    for _, address in source.addresses():
        place = _folder_above_wildcard(address)
        yield name_from_url(f"{redact_url(place).rstrip('/')}/{below}" if below else place)


def _database_name(source: DatabaseSource, dataset: str) -> DatasetName:
    parts = urlsplit(load_credentials(source.connection).uri or "")
    dialect = parts.scheme.partition("+")[0] or "database"
    scheme, port = _DATABASES.get(dialect, (dialect, None))
    host = parts.hostname or ""
    known = parts.port or port
    namespace = f"{scheme}://{host}:{known}" if host and known else f"{scheme}://{host}" if host else scheme
    # A query has no table name; use the dataset's.
    table = source.table or f"query.{dataset}"
    if source.table and "." not in table and scheme == "postgres":
        table = f"public.{table}"
    database = unquote(parts.path.strip("/"))
    return DatasetName(namespace, f"{database}.{table}" if database else table)
