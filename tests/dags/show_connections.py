"""What Airflow's connections are to citylake. The argument is a JSON list of them; prints what is declared by each."""

from __future__ import annotations

import json
import sys

from airflow.sdk import Connection

from citylake.dags.connections import connection_value

if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps([dict(connection_value(Connection(conn_id="city", **each))) for each in given]))
