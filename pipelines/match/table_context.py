"""What stands around a field: the subject of the fields beside it, the table's title and the department."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from citylake.pipelines.match.field_proposal import FieldFacts, MatchEvidence
from citylake.pipelines.match.name_words import joined_name, name_words
from citylake.pipelines.match.table_names import TableNames
from citylake.schemas.model.element import DataElement

_KNOWN = 0.7
"""A neighbour whose name fits an element so well says what the table is about."""
_ANY_TABLE = frozenset(("time", "place", "exchange"))
"""Subjects that tables of every kind have."""
_SUBJECT, _TITLE, _DEPARTMENT = 0.06, 0.03, 0.03
_MOST_SUBJECT = 0.3


@dataclass(slots=True)
class TableContext:
    """The context of the fields of one table."""

    elements: Sequence[DataElement]
    view: TableNames
    _subjects: dict[str, str | None] = field(default_factory=dict)

    def reasons(self, facts: FieldFacts, element: DataElement) -> Iterator[MatchEvidence]:
        """What in the context speaks for an element."""
        subject = subject_of(element)
        share = self.subject_shares(facts.neighbours).get(subject, 0.0)
        if share >= _MOST_SUBJECT:
            yield MatchEvidence("context", "same_subject", round(_SUBJECT * share, 4), {"subject": subject})
        if _share_words(facts.table, element.object_class):
            values = {"table": facts.table, "object": element.object_class}
            yield MatchEvidence("context", "table_title", _TITLE, values)
        if facts.department and joined_name(facts.department) == joined_name(element.steward or ""):
            yield MatchEvidence("context", "department", _DEPARTMENT, {"department": facts.department})

    def subject_shares(self, neighbours: Sequence[str]) -> dict[str, float]:
        """The subjects of the neighbours that have one, with their shares."""
        found = Counter(subject for each in neighbours if (subject := self._subject(each)))
        total = sum(found.values())
        return {subject: count / total for subject, count in found.items()}

    def _subject(self, name: str) -> str | None:
        if name not in self._subjects:
            scores = self.view.score(name).targets
            best = int(np.argmax(scores))
            subject = subject_of(self.elements[best]) if scores[best] >= _KNOWN else None
            self._subjects[name] = None if subject in _ANY_TABLE else subject
        return self._subjects[name]


def subject_of(element: DataElement) -> str:
    """The subject of an element: the first part of its id."""
    return element.id.partition(".")[0]


def _share_words(title: str, object_class: str) -> bool:
    """Whether a title names an object: two characters or words in a row."""
    one, other = name_words(title), name_words(object_class)
    return bool(set(pairwise(other)) & set(pairwise(one)))
