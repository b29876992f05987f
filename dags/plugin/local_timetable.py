"""Airflow's timetable of partitions, with a run for each local day also on the days on which clocks change.

A timetable of one's own belongs to a plugin, because the scheduler computes with it. It needs no database.
"""

from __future__ import annotations

import re
from datetime import datetime

from airflow.timetables.trigger import CronPartitionTimetable
from pendulum import DateTime, instance

from citylake.dags.cron_ticks import next_tick, previous_tick

_OFFSET = re.compile(r"[+-]\d{4}$")


class LocalPartitionTimetable(CronPartitionTimetable):
    """A partition for each tick of a cron in local time: the time since the tick before it.

    A local time that occurs twice is two partitions: the key of the later one ends with its offset from UTC.
    """

    def _get_next(self, current: DateTime) -> DateTime:
        return instance(next_tick(self._expression, self._timezone, current))

    def _get_prev(self, current: DateTime) -> DateTime:
        return instance(previous_tick(self._expression, self._timezone, current))

    def _format_key(self, partition_date: DateTime) -> str:
        local = partition_date.in_timezone(self._timezone)
        key: str = super()._format_key(partition_date)
        # The earlier one keeps the key that it has without a change of clocks.
        return f"{key}{local:%z}" if local.fold and "%H" in self._key_format else key

    def _decode_partition_date(self, partition_key: str) -> datetime:
        if _OFFSET.search(partition_key) and "%H" in self._key_format:
            return datetime.strptime(partition_key, f"{self._key_format}%z")
        # Airflow takes the later of two local times.
        decoded: datetime = super()._decode_partition_date(partition_key).replace(fold=0)
        return decoded
