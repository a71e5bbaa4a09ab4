# Each target makes the virtual environment first, when it is not there or out of date.
# The newest Python that fits; name another one with `make PYTHON=python3.11 ...`.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for one in python3.13 python3.12 python3.11 python3; do \
	$$one -c '$(FITS)' 2>/dev/null && echo $$one && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest --dist loadgroup --no-loadscope-reorder

# The page is built where there is a Node that can, and left out elsewhere.
NODE := $(shell node -e "const [a, b] = process.versions.node.split('.').map(Number); \
	console.log(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19) ? 'yes' : '')" 2>/dev/null)
PAGE := $(if $(NODE),web/dist/index.html,no-page)
PAGE_SOURCES := $(shell find web/src web/public web/*.html web/*.json web/*.ts -type f)

.PHONY: install ready web no-page demo servers test warm test-all test-commands test-deploy test-engines test-flow \
	test-page test-s3 test-slow test-docker check check-python check-web docs api-types bench pictures lock clean

install: .venv/installed

# What checks and tests take.
ready: .venv/installed-dev $(PAGE)

web: $(PAGE)
	@test -n "$(NODE)"

no-page:
	@echo "The page is not built: it needs Node 20.19 or later (nodejs.org). The API works without."

demo: .venv/installed $(PAGE)
	$(BIN)/photoseek demo

# What a change needs, in five minutes on two processors; test-all has the other lanes as well, but
# those that are named, such as UNCHANGED="engines infra".
test: .venv/installed-dev $(PAGE)
	$(PYTEST) -n 2 -m "quick and not slow and not docker"

# Files of tests at once, of all lanes; decision 0342 says why these many.
WORKERS := 4

# Compiles what all workers would compile at once, each for itself.
warm: .venv/installed-dev
	@$(BIN)/python -m pytest --collect-only -q >/dev/null

test-all: .venv/installed-dev $(PAGE)
	$(PYTEST) -n $(WORKERS) -m "not slow and not docker$(UNCHANGED:%= and not %)"

# What test-engines needs: Elasticsearch, OpenSearch and Milvus. It fetches a gigabyte, once.
servers: .venv/installed-dev
	@$(BIN)/python -m tests.servers.install

# One lane alone, such as `make test-page`: tests/conftest.py says what belongs to each.
$(addprefix test-,commands deploy engines flow page s3): test-%: .venv/installed-dev $(PAGE)
	$(PYTEST) -n 2 -m "$* and not slow and not docker"

test-slow: .venv/installed-dev
	$(BIN)/python -m pytest -m slow

# Takes a Docker engine (DOCKER_HOST), and says so where there is none; tests/support/deploy/engine.py has the variables.
test-docker: .venv/installed-dev
	$(BIN)/python -m pytest -m docker tests/deploy/test_docker_engine.py tests/deploy/test_docker_stores.py

check: check-python $(if $(NODE),check-web)

check-python: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/shellcheck scripts/*.sh infra/docker/*.sh infra/terraform/host/*.sh .ci/run

check-web: web/node_modules/.package-lock.json
	cd web && npm run --silent check

# The site of the documents; a warning is an error. tests/unit/test_site.py builds it as well.
docs: .venv/installed-dev
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet docs docs/site
	@echo "The site is docs/site/index.html"

# After a change of the API: its document, and the types that the page is written with.
api-types: .venv/installed-dev web/node_modules/.package-lock.json
	$(BIN)/python -m scripts.openapi web/openapi.json
	cd web && npm run --silent types

# The pictures of README and guide; takes a Chromium.
pictures: .venv/installed-dev $(PAGE)
	$(BIN)/python -m scripts.pictures

bench: .venv/installed-dev
	$(BIN)/python -m bench

LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
	--quiet --custom-compile-command "make lock"

lock: .venv/installed-dev
	$(LOCK) pyproject.toml --all-extras --no-emit-package pillow-heif -o requirements.txt
	$(LOCK) --group dev -c requirements.txt -o requirements-dev.txt
	$(LOCK) pyproject.toml --overrides scripts/no_torch.txt -c requirements.txt -o requirements-small.txt

clean:
	rm -rf .venv data/demo web/dist web/node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "photoseek needs Python 3.11, 3.12 or 3.13, and none is on the PATH." \
		"Install one (python.org, or your system's packages), or name it: make PYTHON=/path/to/python3.13"; exit 1; }
	@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv

# The command `photoseek`, and the package for programs that lie elsewhere; both are this folder.
.venv/installed: requirements.txt pyproject.toml | .venv/bin/python
	@$(call packages,requirements.txt,auto)
	@VIRTUAL_ENV="$(CURDIR)/.venv" $(BIN)/uv --quiet pip install --no-deps --editable . || $(PIP) --no-deps --editable .
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@$(call packages,requirements-dev.txt,pypi)
	@touch $@

# uv takes a quarter of the time that pip takes. What it cannot reach, pip may: an index that pip's settings name.
# Where Jina has no wheel, and Go is found, it compiles for minutes a part that we do not use; so Go is not to be found.
define packages
echo "Installing $(1) ..."; \
	export INSTALL="$(CURDIR)/infra/docker/install.sh" VIRTUAL_ENV="$(CURDIR)/.venv" GOTOOLCHAIN=none; \
	folder=$$(mktemp -d) && cp $(1) "$$folder/requirements.txt" && \
	$(PIP) --constraint requirements-dev.txt uv && cd "$$folder" && \
	{ PIP="$$VIRTUAL_ENV/bin/uv $(if $(MAKE_TERMOUT),,--quiet) pip" $$INSTALL $(2) || PIP="$$VIRTUAL_ENV/bin/pip" $$INSTALL pypi; }; \
	status=$$?; rm -r "$$folder"; exit $$status
endef

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel=error
	touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(PAGE_SOURCES)
	cd web && npm run --silent build
