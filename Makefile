# Shiller. `make run` and `make test` are all that a newcomer needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# What Python compiles and pytest rewrites is kept for the next process: a run of the tests starts hundreds.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | awk -F'\t' '{printf "  make %-8s %s\n", $$1, $$2}'

# Set up again whenever what is pinned or how the package is built has changed.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Shiller needs Python 3.11 or later")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.PHONY: setup
setup: $(READY) ## Install what is pinned into .venv

# npm with the machine's Node, or with one from PyPI where there is none.
NPM := $(BIN)/python web/npm.py
SCREENS := server/static/index.html

web/node_modules/.ready: web/package-lock.json | $(READY)
	$(NPM) ci --silent
	touch $@

$(SCREENS): web/node_modules/.ready web/index.html $(wildcard web/*.ts) $(shell find web/src web/public -type f)
	$(NPM) run --silent build

.PHONY: screens
screens: $(SCREENS) ## Build the pages into server/static

# The classes of the gRPC messages, beside their .proto.
STUBS := server/transport/rpc/shiller_pb2.py
PROGRAMS := $(patsubst %,tests/%/node_modules/.ready,phones rpc xapi)

$(STUBS): server/transport/rpc/shiller.proto hatch_build.py | $(READY)
	$(BIN)/python hatch_build.py

.PHONY: stubs
stubs: $(STUBS) ## Build what gRPC needs into server/transport/rpc

.PHONY: run
run: $(READY) $(SCREENS) $(STUBS) ## Start the server: prints the URL, the demo login and a join link
	$(BIN)/shiller serve --with-session

.PHONY: demo
demo: $(READY) ## Play the demo case against the running server, 20 times as fast as in life
	$(BIN)/shiller demo --speed 20

# What the server says of itself; from this folder, not from wherever the package is installed.
DOCUMENT := $(BIN)/python -m server document

.PHONY: types
types: $(READY) web/node_modules/.ready ## Write web/src/generated from what the server says
	$(DOCUMENT) | $(NPM) run --silent generate

# Programs of others, each with a lock of its own: WatermelonDB, as the phones of the tests have it (its SQLite comes built, or
# is compiled here); what calls over gRPC in another language; and what judges xAPI.
tests/%/node_modules/.ready: tests/%/package-lock.json | $(READY)
	$(NPM) --prefix ../tests/$* ci --silent
	touch $@

.PHONY: test
test: $(READY) $(SCREENS) $(STUBS) $(PROGRAMS) ## Run all tests
	$(NPM) run --silent test
	$(BIN)/python -m pytest -n 4 --dist worksteal

# Pyright has one processor to itself for a minute; what is beside it takes the other.
.PHONY: check
check: $(READY) $(STUBS) web/node_modules/.ready ## Format, lint, types, generated files, and that imports point inward
	$(MAKE) --no-print-directory --jobs=2 check-types check-the-rest

.PHONY: check-types
check-types:
	$(BIN)/pyright

.PHONY: check-the-rest
check-the-rest:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/oxlint -c web/.oxlintrc.json web
	$(DOCUMENT) | $(NPM) run --silent generate -- --check
	$(NPM) run --silent types

.PHONY: format
format: $(READY) ## Write the format that `make check` asks for
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: pictures
pictures: $(READY) $(SCREENS) ## Take the pictures of docs/writing-cases.md anew; needs a Chromium
	PYTHONPATH=. $(BIN)/python docs/pictures.py $(PICTURES)

.PHONY: bench
bench: $(READY) bench/node/node_modules/.ready ## Measure, side by side with what one would use instead
	$(BIN)/python -m bench $(BENCH)

bench/node/node_modules/.ready: bench/node/package-lock.json | $(READY)
	$(NPM) --prefix ../bench/node ci --silent
	touch $@

.PHONY: lock
lock: $(READY) ## Pin the newest versions that pyproject.toml allows
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --extra embedded --extra grpc --extra dev --extra bench pyproject.toml -o requirements.lock --upgrade

.PHONY: images
images: ## Name the newest container images of the same versions by their digests; needs docker and its registry
	$(PYTHON) .ci/images.py Dockerfile docker-compose.yml
