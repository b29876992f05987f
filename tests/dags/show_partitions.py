"""The runs that Airflow's scheduler would create over a change of clocks, and those of a backfill: keys and times."""

from __future__ import annotations

import json
import sys
from datetime import datetime

from airflow.serialization.decoders import decode_timetable
from airflow.serialization.encoders import encode_timetable
from airflow.timetables.base import TimeRestriction
from pendulum import instance

from citylake.dags.partition_timetable import dataset_timetable
from citylake.schemas.model.contract import Schedule

cron, timezone, first, last = sys.argv[1:]
start, end = (instance(datetime.fromisoformat(each)) for each in (first, last))
made = dataset_timetable(Schedule(cron=cron, timezone=timezone))
# The scheduler has the timetable that the DAG processor wrote to the database.
stored = decode_timetable(json.loads(json.dumps(encode_timetable(made))))
restriction = TimeRestriction(earliest=start, latest=end, catchup=True)
runs, run = [], None
while run := stored.next_dagrun_info_v2(last_dagrun_info=run, restriction=restriction):
    runs.append([run.partition_key, run.run_after.in_timezone(timezone).isoformat()])
filled = [each.partition_key for each in stored.iter_partition_dagrun_infos(earliest=start, latest=end)]
decoded = [str(stored.resolve_partition_date(key)) for key, _ in runs]
print(json.dumps({"runs": runs, "backfill": filled, "decoded": decoded, "same": stored == made}))
