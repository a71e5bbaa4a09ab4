"""The rules of checkov, each that is left out with its reason beside it."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter

import pytest

from tests.support.deploy.terraform import FOLDER
from tests.support.deploy.tools import CHECKOV, tool

OPTIONS = ["--output", "json", "--skip-download", "--soft-fail"]
SKIP = re.compile(r"^ *#checkov:skip=(CKV2?_AWS_\d+)(?::(.*))?$", re.MULTILINE)


@pytest.mark.timeout(600)
def test_every_rule_holds_or_has_a_reason_beside_it() -> None:
    result = subprocess.run(
        [*tool(CHECKOV, "checkov"), "--directory", FOLDER, "--framework", "terraform", *OPTIONS],
        capture_output=True,
        text=True,
        check=True,
    )
    report = json.loads(result.stdout)
    failed = [
        f"{check['check_id']} {check['check_name']}: {check['resource']}"
        for check in report["results"]["failed_checks"]
    ]
    assert not failed
    assert report["summary"]["resource_count"] >= 20
    skipped = Counter(check["check_id"] for check in report["results"]["skipped_checks"])
    written = SKIP.findall("".join(path.read_text() for path in FOLDER.rglob("*.tf")))
    assert Counter(rule for rule, _ in written) == skipped  # none that nothing asks for
    assert all(len(reason.split()) >= 4 for _, reason in written)
