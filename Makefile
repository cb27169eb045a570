# Two commands matter: `make run` and `make test`. Both set up everything they need from Python 3.11+ alone.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# `make run RATE=20` sends twenty demo events a second.
RATE   ?= 5
# `make drill SEED=7 KILLS=600 EVENTS=600000`: another story, twice as long.
SEED   ?= 1
KILLS  ?= 300
EVENTS ?= 300000

.DEFAULT_GOAL := help
.PHONY: help setup run test test-unit test-contract test-integration test-acceptance test-browser check fmt lock generate docs drill bench bench-ingest clean

help: ## Show what can be made
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  \033[36m%-17s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.ready: requirements-dev.txt pyproject.toml schemas/pyproject.toml producer/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Python packages..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e schemas -e producer -e .
	@touch $@

setup: $(VENV)/.ready ## Install everything into .venv, node_modules and .bitacora
	@$(BIN)/python -m embedded.install

run: setup ## Start Kafka, PostgreSQL, the services and demo traffic; Ctrl-C stops it all
	@BITACORA_DEMO_RATE=$(RATE) $(BIN)/bitacora up --demo

test: setup ## Run every check and every tier of tests, side by side, and the quick tiers on each Python found
	@$(BIN)/python -m tests.support.suite

test-unit test-contract test-integration test-acceptance test-browser: test-%: setup
	@$(BIN)/python -m pytest tests/$*

check: setup ## Lint, types, import rules, generated files
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy schemas/bitacora_schemas producer/bitacora_producer services embedded demo cli tests benchmarks
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m cli.generate --check

fmt: setup ## Format the code and mend what a tool can mend
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

generate: setup ## Write the generated schemas and documents anew
	@$(BIN)/python -m cli.generate

docs: generate

drill: setup ## Kill, freeze and cut off everything under ingest for half an hour; SEED, KILLS, EVENTS
	@$(BIN)/python -m tests.support.faults --seed $(SEED) --kills $(KILLS) --events $(EVENTS)

bench: setup ## Run the benchmarks that back the figures in docs/benchmarks
	@$(BIN)/python -m benchmarks

bench-ingest: setup ## Ingest beside peers and bounds; EVENTS=n, JSON=FILE, MARKDOWN=FILE
	@$(BIN)/python -m benchmarks.ingest $(if $(EVENTS),--events $(EVENTS)) $(if $(JSON),--json $(JSON)) $(if $(MARKDOWN),--markdown $(MARKDOWN))

LOCK := pip compile --quiet --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
	--python-version 3.11 --no-emit-package bitacora-schemas --no-emit-package bitacora-producer pyproject.toml --group build

lock: setup ## Resolve the dependencies anew into requirements*.txt and package-lock.json
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv $(LOCK) --group embedded --group test --group lint -o requirements-dev.txt
	@$(BIN)/uv $(LOCK) --constraint requirements-dev.txt -o requirements.txt
	@npm install --package-lock-only --ignore-scripts

clean: ## Remove everything that was made, data of the embedded stack included
	rm -rf $(VENV) node_modules .bitacora .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
