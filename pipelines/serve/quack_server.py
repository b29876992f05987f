"""One version of a mart over DuckDB's protocol Quack: each query passes the gates of ``citylake query``."""

from __future__ import annotations

import re
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from citylake.pipelines.lake.access_record import Asked
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.mart_engine import sql_literal
from citylake.pipelines.marts.publish.mart_pointer import Pointer, read_pointer
from citylake.pipelines.read.mart_reader import OpenMart, open_version, unique_names
from citylake.pipelines.read.query_gate import check_query
from citylake.pipelines.read.query_limits import QueryLimits
from citylake.pipelines.read.recorded_query import on_record
from citylake.pipelines.serve.quack_answers import QuackAnswers
from citylake.pipelines.serve.servable_mart import check_servable
from citylake.pipelines.serve.server_tokens import ServerTokens
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import render_issue, translate_key

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_INSERT = re.compile(r"\s*insert\b", re.IGNORECASE)
_TRANSACTION = re.compile(r"\s*(begin|start|commit|end|rollback|abort)\b[\s\w]*;?\s*", re.IGNORECASE)


class QuackServer:
    """A version of a mart that listens. ``tell``: gets what the operator should read, a line at a time."""

    def __init__(
        self,
        lake: Lake,
        pointer: Pointer,
        tokens: ServerTokens,
        limits: QueryLimits,
        tell: Callable[[str], None],
        threads: int | None = None,
    ) -> None:
        check_servable(lake, pointer, tokens)
        self.lake, self._tokens, self._limits, self.tell = lake, tokens, limits, tell
        self._settings = f"{limits.settings()}; SET arrow_lossless_conversion = true"
        if threads:
            self._settings += f"; SET threads = {threads}"
        self._users: dict[str, str] = {}
        self._lock, self._recording = threading.Lock(), threading.Lock()
        self._told_newer = ""
        self.pointer = pointer
        self._mart = self._open(pointer)
        with ExitStack() as held:
            held.callback(self._mart.close)
            self._answers = QuackAnswers(pointer.timezone, limits)
            held.pop_all()

    def listen(self, host: str, port: int) -> None:
        """Listen until :meth:`close`. Raises SERVE_NOT_LISTENING."""
        self._answers.listen(host, port, self._admit, self._answer)

    def move_on(self, pointer: Pointer) -> None:
        """Serve another version from the next query on; queries that run end on the one they began with."""
        check_servable(self.lake, pointer, self._tokens)
        opened = self._open(pointer)
        with self._lock:
            before, self._mart, self.pointer = self._mart, opened, pointer
        before.close()

    def newer(self) -> Pointer | None:
        """The pointer of the current version, if it is another one, once for each version."""
        found = read_pointer(self.lake, self.pointer.mart)
        if found is None or found.version in (self.pointer.version, self._told_newer):
            return None
        self._told_newer = found.version
        return found

    def close(self) -> None:
        """Stop listening and release the version."""
        try:
            self._answers.close()
        finally:
            self._mart.close()

    def _open(self, pointer: Pointer) -> OpenMart:
        # A time zone belongs to one connection, and each query has one of its own.
        return open_version(self.lake, pointer, self._settings, changeable=("TimeZone",))

    def _admit(self, session: str, offered: str | None, _: str) -> bool:
        user = self._tokens.user_of(offered)
        if user is None:
            self.tell(translate_key("serve.not_admitted"))
            return False
        ended = self._answers.forget_ended()
        with self._lock:
            self._users = {own: name for own, name in self._users.items() if own not in ended} | {session: user}
        return True

    def _answer(self, session: str, sql: str) -> str | None:
        """The SQL that Quack runs in place of a client's: it reads the answer, or raises the error's text."""
        if _TRANSACTION.fullmatch(sql):
            # Clients begin one; in a version of a mart there is nothing that changes.
            return "SELECT true AS ok"
        try:
            return self._ask(self._users[session], session, sql)
        except CitylakeError as error:
            # Of rows that a client sends, Quack asks with an INSERT, and whatever text comes back lets them in.
            told = f"{error.code}: {render_issue(error.code, error.values)}"
            return None if _INSERT.match(sql) else f"SELECT error({sql_literal(told)})"
        except Exception:
            self.tell(traceback.format_exc())
            raise

    def _ask(self, user: str, session: str, sql: str) -> str:
        with self._version() as (pointer, own):
            with on_record(self.lake, pointer, sql, Asked(user, "quack"), self._recording) as record:
                check_query(pointer.mart, sql)
                if _INSERT.match(sql):
                    # Also one that cannot be parsed.
                    raise CitylakeError("QUERY_FAILED", mart=pointer.mart, reason="INSERT")
                with self._limits.told(own, pointer.mart):
                    found = own.execute(sql)
                    columns = _columns(found)
                    if not columns:
                        raise CitylakeError("QUERY_EMPTY", mart=pointer.mart)
                    reads, record.access.rows = self._answers.keep(session, columns, _rows(found, columns))
            if record.unrecorded:
                self.tell(translate_key("query.unrecorded", why=record.unrecorded))
        return reads

    @contextmanager
    def _version(self) -> Iterator[tuple[Pointer, duckdb.DuckDBPyConnection]]:
        with self._lock:
            pointer, own = self.pointer, self._mart.cursor()
        try:
            own.execute(f"SET TimeZone = {sql_literal(pointer.timezone)}")
            yield pointer, own
        finally:
            own.close()


def _columns(found: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Name and type of each column of a result."""
    described = found.description or []
    names = unique_names([column[0] for column in described])
    return [(name, str(column[1])) for name, column in zip(names, described, strict=True)]


def _rows(found: duckdb.DuckDBPyConnection, columns: list[tuple[str, str]]) -> pa.RecordBatchReader:
    """The rows of a result under the names of ``columns``: in Arrow, DuckDB finds no column by a name that is twice."""
    reader, names = found.to_arrow_reader(), [name for name, _ in columns]
    if reader.schema.names == names:
        return reader
    import pyarrow as pa

    schema = pa.schema([field.with_name(name) for field, name in zip(reader.schema, names, strict=True)])
    return pa.RecordBatchReader.from_batches(schema, (batch.rename_columns(names) for batch in reader))
