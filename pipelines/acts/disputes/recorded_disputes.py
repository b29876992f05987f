"""The disputes on record: their questions, their answers, and the rows that they are about."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from citylake.pipelines.lake.ledger import Ledger, dispute_rows_table, disputes_table
from citylake.pipelines.lake.ledger.disputes_table import Dispute, dispute_row
from citylake.pipelines.lake.ledger.ledger_store import ledger_now

_QUESTION = ("dispute_id", "dataset")


def last_disputes(ledger: Ledger) -> pl.DataFrame:
    """Return each question once, the newest first.

    Returns:
        The columns of ``disputes``: ``why``, ``user`` and ``recorded_at`` are those of the question; with ``answer``,
        ``answered_by`` and ``answered_at``, null while the question is open. ``state`` is the last one.
    """
    rows = ledger.read(disputes_table.TABLE).sort("sequence")
    opened = rows.filter(state="open").unique(_QUESTION, keep="last", maintain_order=True).drop("state")
    ended = rows.filter(pl.col("state") != "open").unique(_QUESTION, keep="last", maintain_order=True)
    answers = ended.select(
        *_QUESTION,
        "state",
        pl.col("why").alias("answer"),
        pl.col("user").alias("answered_by"),
        pl.col("recorded_at").alias("answered_at"),
        pl.col("sequence").alias("__after"),
    )
    both = opened.join(answers, on=_QUESTION, how="left")
    # The same question asked again after its answer is open again.
    late = pl.col("__after") > pl.col("sequence")
    kept = [pl.when(late).then(name).alias(name) for name in ("state", "answer", "answered_by", "answered_at")]
    return both.with_columns(kept).with_columns(pl.col("state").fill_null("open")).drop("__after").reverse()


def open_questions(ledger: Ledger, dataset: str) -> pl.DataFrame:
    """Return the open questions to a dataset (:func:`last_disputes`)."""
    return last_disputes(ledger).filter(state="open", dataset=dataset)


def questioned_places(ledger: Ledger, dataset: str) -> pl.DataFrame:
    """Return the rows that open questions list: ``dispute_id, _receipt, _part, _row, _source``, each once."""
    questions = open_questions(ledger, dataset).select("dispute_id")
    if questions.is_empty():
        return pl.DataFrame(schema=dispute_rows_table.SCHEMA).drop("dataset", "recorded_at", "sequence")
    rows = ledger.scan(dispute_rows_table.TABLE).filter(pl.col("dataset") == dataset)
    listed = rows.join(questions.lazy(), on="dispute_id", how="semi")
    return listed.select("dispute_id", "_receipt", "_part", "_row", "_source").unique(maintain_order=True).collect()


def store_disputes(ledger: Ledger, disputes: Sequence[Dispute]) -> None:
    """Record questions or answers."""
    schema = pl.Schema({name: kind for name, kind in disputes_table.SCHEMA.items() if name != "sequence"})
    rows = [dispute_row(each, ledger_now()) for each in disputes]
    ledger.append_frame(disputes_table.TABLE, pl.DataFrame(rows, schema=schema))
