# Each target makes the virtual environment first, when it is not there or out of date.
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: install demo test check bench lock clean

install: .venv/installed

demo: .venv/installed
	$(BIN)/python app.py -t demo

test: .venv/installed-dev
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/shellcheck scripts/*.sh .ci/run

bench: .venv/installed-dev
	$(BIN)/python -m bench

lock: .venv/installed-dev
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links --quiet --custom-compile-command "make lock" requirements.in -o requirements.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links --quiet --custom-compile-command "make lock" requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf .venv data/demo .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
