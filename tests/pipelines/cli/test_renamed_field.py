"""A renamed column: the advice of the message is followed word by word, and every file, old and new, is read."""

from __future__ import annotations

import re
from typing import Any

import yaml

OLD = "时间,设备,流量\n2026-03-01 08:00,JT0000000001,10\n2026-03-01 09:00,JT0000000001,20\n"
NEW = "时间,设备,车流量\n2026-03-02 08:00,JT0000000001,30\n2026-03-02 09:00,JT0000000001,x\n"


def test_the_advice_on_a_renamed_column_is_the_line_that_reads_files_from_before_and_after(city: Any) -> None:
    contract = city.root / "workspace/datasets/traffic/counts.yaml"
    contract.write_text(contract.read_text("utf-8").replace("0.6", "1.0"), "utf-8")
    city.drop("a.csv", OLD)
    assert city.json("run")[0] == 0
    city.drop("b.csv", NEW)
    code, document = city.json("run")
    (problem,) = document["datasets"][0]["problems"]
    assert (code, problem["code"]) == (2, "RENAMED_COLUMN")
    lines = {
        re.search(pattern, problem["text"][language], re.DOTALL)[1]  # type: ignore[index]
        for language, pattern in (("zh", "的绑定改为 (.*?)，更早"), ("en", "in the contract by (.*?), and earlier"))
    }
    (line,) = lines
    follow(contract, line)
    assert city.call("lint")[0] == 0

    code, document = city.json("run")
    assert (code, document["datasets"][0]["rows_standard"]) == (0, 3), "both files are read by the changed contract"
    code, document = city.json("replay", "traffic.counts", "--since", "2020-01-01")
    dataset = document["datasets"][0]
    assert (code, dataset["rows_in"], dataset["rows_standard"], dataset["rows_quarantined"]) == (0, 4, 3, 1)
    assert "CONTRACT_MEANING_CHANGED" not in str(document)
    assert not [each for each in dataset["problems"] if each["code"] in ("RENAMED_COLUMN", "MISSING_COLUMN")]


def follow(contract: Any, line: str) -> None:
    """Write the line in place of the binding of 流量."""
    (key,) = yaml.safe_load("{" + line + "}")
    assert key == "车流量"
    text = contract.read_text("utf-8")
    (before,) = re.findall(r"^  流量: .*$", text, re.MULTILINE)
    contract.write_text(text.replace(before, f"  {line}"), "utf-8")
