"""Pairs of records that are likely one entity by name, address and telephone: splink's model of their agreement."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from citylake.pipelines.entities.plain_parts import plain_parts
from citylake.pipelines.entities.similarity_weights import PART_COLUMNS, PRIOR, AgreementLevel, agreement_levels
from citylake.pipelines.marts.make.mart_engine import sql_literal
from citylake.schemas.model.entity import EntityDeclaration, SimilarityLinks
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Levels = Mapping[str, Sequence[AgreementLevel]]
BLOCKS = (("house", "left(street, 2)"), ("dial",), ("label",))
"""What two records must have in common to be compared at all; or one of the rare words of their names."""
RARE_WORDS, RARE_AT = 3, 20
"""Any two of so many rarest words of a name make pairs, and one alone if it is at no more than so many places."""


def add_similar_edges(connection: DuckDBPyConnection, folder: str, entity: EntityDeclaration) -> None:
    """Create ``candidate`` as :func:`find_similar_pairs`, and add the pairs from ``accept`` on to ``edge``."""
    find_similar_pairs(connection, folder, entity)
    accept = entity.similar.accept if entity.similar else 1.0
    connection.execute(_EDGES, [accept])


def find_similar_pairs(connection: DuckDBPyConnection, folder: str, entity: EntityDeclaration) -> None:
    """Create ``candidate`` (a, b, score, reason) from ``record``: the pairs from ``review`` on, none without splink.

    Raises ENTITY_EXTRA_MISSING if the entity links by similarity and splink is not installed.
    """
    connection.execute(_EMPTY)
    if entity.similar is None:
        return
    _require_splink(entity)
    path, plain = f"{folder}/records.parquet", f"{folder}/plain.parquet"
    columns = "node, name, address, phone, place"
    connection.execute(f"COPY (SELECT {columns} FROM record) TO {sql_literal(path)} (FORMAT parquet)")
    pl.scan_parquet(path).select("node", *plain_parts(entity.similar)).sink_parquet(plain)
    connection.execute(_MACROS)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE plain AS FROM read_parquet({sql_literal(plain)})")
    connection.execute(_WEIGHED)
    _predict(connection, agreement_levels(entity.kind), entity.similar)


def _require_splink(entity: EntityDeclaration) -> None:
    try:
        import splink  # noqa: F401
    except ImportError as error:
        raise CitylakeError("ENTITY_EXTRA_MISSING", entity=entity.entity) from error


def _predict(connection: DuckDBPyConnection, levels: Levels, similar: SimilarityLinks) -> None:
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="node",
        probability_two_random_records_match=PRIOR,
        comparisons=[_comparison(part, each) for part, each in levels.items()],
        blocking_rules_to_generate_predictions=[
            *(block_on(*rule) for rule in BLOCKS),
            block_on("rare", arrays_to_explode=["rare"]),
        ],
        retain_matching_columns=True,
    )
    api = DuckDBAPI(connection)
    linker = Linker(api.register("weighed"), settings, log_level=None, validate_settings=False)
    found = linker.inference.predict(threshold_match_probability=similar.review, warning_mode="never")
    connection.execute(_CANDIDATES.format(found=found.physical_name, reason=_reason_sql(levels)))


def _comparison(part: str, levels: Sequence[AgreementLevel]) -> Any:
    import splink.comparison_level_library as library
    from splink.comparison_library import CustomComparison

    missing = " OR ".join(f"{column}_{side} IS NULL" for column in PART_COLUMNS[part] for side in "lr")
    made: list[Any] = [library.CustomLevel(missing, "unknown").configure(is_null_level=True)]
    for each in levels:
        level = library.CustomLevel(each.condition, each.word) if each.condition else library.ElseLevel()
        made.append(level.configure(m_probability=each.m, u_probability=each.u))
    return CustomComparison(made, output_column_name=part)


def _reason_sql(levels: Levels) -> str:
    """A JSON text: the level of each part. It has no values, which may be personal."""
    texts = []
    for part, each in levels.items():
        words = " ".join(f"WHEN {len(each) - 1 - n} THEN {sql_literal(level.word)}" for n, level in enumerate(each))
        texts.append(f"""'"{part}": "' || CASE gamma_{part} {words} ELSE 'unknown' END || '"'""")
    return """'{"code": "similar", ' || """ + " || ', ' || ".join(texts) + " || '}'"


_EMPTY = """
    CREATE OR REPLACE TEMP TABLE candidate (a BIGINT, b BIGINT, score DOUBLE, reason VARCHAR);
"""
_MACROS = """
    CREATE OR REPLACE TEMP MACRO shared_words(u, v, a, s, t) AS
        list_sum([a[w] FOR w IN list_intersect(u, v)]) / least(s, t);
    CREATE OR REPLACE TEMP MACRO one_character(a, b) AS
        length(a) = length(b) AND length(a) >= 14
        AND len(list_filter(list_zip(split(a, ''), split(b, '')), lambda pair: pair[1] <> pair[2])) <= 2;
    CREATE OR REPLACE TEMP MACRO near_street(a, b, u, v) AS
        jaro_winkler_similarity(a, b) >= 0.92 OR list_has_all(u, v) OR list_has_all(v, u);
    CREATE OR REPLACE TEMP MACRO near_house(a, b) AS
        abs(try_cast(a AS BIGINT) - try_cast(b AS BIGINT)) <= 2
        OR length(a) = length(b) AND damerau_levenshtein(a, b) <= 1
        OR list_sort(split(a, '')) = list_sort(split(b, ''));
"""
_WEIGHED = f"""
    -- A word counts by how few places have it, however many records a place has.
    CREATE OR REPLACE TEMP TABLE rarity AS
        WITH word AS (SELECT coalesce(house || street, dial, label) AS spot, unnest(words) AS word FROM plain)
        SELECT word, count(DISTINCT spot) AS spots,
            ln(1.0 + (SELECT count(DISTINCT spot) FROM word) / count(DISTINCT spot)) AS weight
        FROM word GROUP BY word;
    CREATE OR REPLACE TEMP TABLE weighed AS
        WITH word AS (SELECT node, unnest(words) AS word FROM plain),
        lists AS (
            SELECT node, map(list(word), list(weight)) AS weights, sum(weight) AS weight,
                list(word ORDER BY spots, word)[1:{RARE_WORDS}] AS w,
                list(word ORDER BY word) FILTER (spots <= {RARE_AT}) AS alone
            FROM word JOIN rarity USING (word) GROUP BY node
        )
        SELECT plain.*, weights, weight,
            list_distinct(coalesce(alone, []) || flatten([[a || ' ' || b FOR b IN w IF a < b] FOR a IN w])) AS rare
        FROM plain LEFT JOIN lists USING (node) ORDER BY node;
"""
_CANDIDATES = """
    INSERT INTO candidate
        SELECT least(node_l, node_r), greatest(node_l, node_r), match_probability, {reason} FROM {found}
"""
_EDGES = """
    INSERT INTO edge SELECT a, b, 'similar', score, reason, NULL FROM candidate c
    WHERE score >= ? AND NOT EXISTS (FROM barred WHERE barred.a = c.a AND barred.b = c.b)
"""
