# Each target makes the virtual environment first, when it is not there or out of date.
PYTHON ?= python3.11
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest --dist loadgroup --no-loadscope-reorder

# The page is built where there is a Node that can, and left out elsewhere.
NODE := $(shell node -e "const [a, b] = process.versions.node.split('.').map(Number); \
	console.log(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19) ? 'yes' : '')" 2>/dev/null)
PAGE := $(if $(NODE),web/dist/index.html,no-page)
PAGE_SOURCES := $(shell find web/src web/public web/*.html web/*.json web/*.ts -type f)

.PHONY: install on-path web no-page demo test test-all test-commands test-deploy test-flow test-page test-s3 \
	test-slow test-docker check check-python check-web api-types bench lock clean

install: on-path

# Programs that lie elsewhere can import photoseek: the environment has this folder on its path.
on-path: .venv/installed
	@$(BIN)/python -c 'import pathlib, sys, sysconfig; \
		path = pathlib.Path(sysconfig.get_path("purelib"), "photoseek.pth"); \
		path.write_text(sys.argv[1] + "\n", encoding="utf-8")' "$(CURDIR)"

web: $(PAGE)
	@test -n "$(NODE)"

no-page:
	@echo "The page is not built: it needs Node 20.19 or later (nodejs.org). The API works without."

demo: on-path $(PAGE)
	$(BIN)/python app.py -t demo

# What a change needs, in five minutes on two processors; test-all has the other lanes as well, but
# one that is named, such as UNCHANGED=infra.
test: .venv/installed-dev $(PAGE)
	$(PYTEST) -n 2 -m "quick and not slow and not docker"

test-all: .venv/installed-dev $(PAGE)
	$(PYTEST) -n 3 -m "not slow and not docker$(UNCHANGED:%= and not %)"

# One lane alone, such as `make test-page`: tests/conftest.py says what belongs to each.
$(addprefix test-,commands deploy flow page s3): test-%: .venv/installed-dev $(PAGE)
	$(PYTEST) -n 2 -m "$* and not slow and not docker"

test-slow: .venv/installed-dev
	$(BIN)/python -m pytest -m slow

# Takes a Docker engine (DOCKER_HOST), and says so where there is none; tests/support/deploy/engine.py has the variables.
test-docker: .venv/installed-dev
	$(BIN)/python -m pytest -m docker tests/deploy/test_docker_engine.py

check: check-python $(if $(NODE),check-web)

check-python: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/shellcheck scripts/*.sh infra/docker/*.sh infra/terraform/host/*.sh .ci/run

check-web: web/node_modules/.package-lock.json
	cd web && npm run --silent check

# After a change of the API: its document, and the types that the page is written with.
api-types: .venv/installed-dev web/node_modules/.package-lock.json
	$(BIN)/python -m scripts.openapi web/openapi.json
	cd web && npm run --silent types

bench: .venv/installed-dev
	$(BIN)/python -m bench

lock: .venv/installed-dev
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links --quiet --custom-compile-command "make lock" requirements.in -o requirements.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links --quiet --custom-compile-command "make lock" requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf .venv data/demo web/dist web/node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: requirements.txt | .venv/bin/python
	$(call packages,requirements.txt)
	touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	$(call packages,requirements-dev.txt)
	touch $@

# uv takes a quarter of the time that pip takes. What it cannot reach, pip may: an index that pip's settings name.
define packages
@echo "Installing $(1) ..."
@$(PIP) --constraint requirements-dev.txt uv && \
	$(BIN)/uv pip install --python $(BIN)/python --compile-bytecode --requirement $(1) || \
	$(PIP) --requirement $(1)
endef

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel=error
	touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(PAGE_SOURCES)
	cd web && npm run --silent build
