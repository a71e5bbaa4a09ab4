"""Models of libraries that wait until somebody uses them."""

from __future__ import annotations

import json
import subprocess
import sys

from fastapi import FastAPI
from pydantic import BaseModel

from photoseek.compat.late_models import built_when_used

DOCUMENT = """
import json
from photoseek.compat.late_models import load_fastapi

load_fastapi()
from fastapi import FastAPI
from fastapi.openapi.models import Contact

assert not Contact.__pydantic_complete__, "it was built"
app = FastAPI(contact={"name": "Ann", "email": "ann@example.org"})
app.get("/photos/{number}")(lambda number: number)
print(json.dumps(app.openapi()))
"""


def test_a_model_is_built_when_it_is_first_used() -> None:
    with built_when_used():

        class Late(BaseModel):
            number: int

    class Now(BaseModel):
        number: int

    assert Now.__pydantic_complete__
    assert not Late.__pydantic_complete__
    assert Late.model_validate({"number": "3"}).number == 3
    assert Late.__pydantic_complete__


def test_fastapi_gives_the_same_document() -> None:
    run = subprocess.run(
        [sys.executable, "-c", DOCUMENT], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    app = FastAPI(contact={"name": "Ann", "email": "ann@example.org"})
    app.get("/photos/{number}")(lambda number: number)
    assert json.loads(run.stdout) == app.openapi()
