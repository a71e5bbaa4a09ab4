"""Many plans by one Terraform: each process takes seconds to learn what AWS consists of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.support.deploy.terraform import Terraform

# The message of a check that fails is the one value that `terraform test` gives back.
FILE = """
variables {
%(common)s
}

run "plan" {
  command = plan

  variables {
%(chosen)s
  }

  assert {
    condition     = jsonencode(%(reading)s) == ""
    error_message = jsonencode(%(reading)s)
  }
}
"""


@dataclass(frozen=True)
class Plan:
    """What was read of a plan, or the errors instead, each with the line that it is about."""

    read: dict[str, Any]
    errors: list[str]


def make_plans(
    terraform: Terraform, plans: Mapping[str, str], *, common: str, reading: str
) -> dict[str, Plan]:
    """Plan once for each text of variables, over `common` ones, and read an expression each time.

    All that the expression names must be known without an apply.
    """
    with TemporaryDirectory(dir=terraform.folder) as folder:
        for name, chosen in plans.items():
            text = FILE % {"common": common, "chosen": chosen, "reading": reading}
            (Path(folder) / f"{name}.tftest.hcl").write_text(text)
        result = terraform.run("test", "-json", f"-test-directory={Path(folder).name}")
    messages = [json.loads(line) for line in result.stdout.splitlines()]
    assert messages[-1]["type"] == "test_summary", result.stdout + result.stderr
    return {name: _plan(messages, name) for name in plans}


def _plan(messages: list[dict[str, Any]], name: str) -> Plan:
    found = [
        message["diagnostic"]
        for message in messages
        if message["type"] == "diagnostic"
        and message.get("@testfile", "").endswith(f"/{name}.tftest.hcl")
    ]
    errors = [each for each in found if each["severity"] == "error"]
    if [each["summary"] for each in errors] == ["Test assertion failed"]:
        assert errors[0]["detail"], f"not known before an apply: {errors[0]['snippet']['values']}"
        return Plan(json.loads(errors[0]["detail"]), [])
    return Plan({}, [_text(each) for each in errors])


def _text(error: dict[str, Any]) -> str:
    code = error.get("snippet", {}).get("code", "")
    return " ".join(f"{error['summary']} {error['detail']} {code}".split())
