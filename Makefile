# What a contributor types. Every target sees to its own environment in .venv; docs/how-to/run-the-tests.md says more.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test chaos check bench assets lock clean

VENV := .venv
BIN := $(VENV)/bin
DEV := $(VENV)/.installed-dev
# More words for pytest or the bench: make test ARGS="-m 'not elasticsearch'"
ARGS ?=

help: ## show what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: needs-demo $(DEV) ## ship a plausible week of connector logs into a real Elasticsearch and show what failed
	@$(BIN)/shipper demo $(ARGS)

test: needs-test $(DEV) ## run all tests, against a real Elasticsearch
	@$(BIN)/pytest --numprocesses=2 --dist=loadfile --cov --cov-report=term:skip-covered $(ARGS)

chaos: needs-test $(DEV) ## the long form of every fault: an hour and more
	@CHAOS=long $(BIN)/pytest -m chaos -s $(ARGS)

check: needs-check $(DEV) ## lint, format, types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

bench: needs-bench $(DEV) ## measure beside the peers
	@$(BIN)/python tests/bench/run.py $(ARGS)

assets: needs-assets $(DEV) ## make again the pages that are made from data
	@$(BIN)/python -m shipper.catalog.page docs/reference/catalog.md
	@$(BIN)/python -m shipper.cli.reference docs/reference/command-line.md
	@$(BIN)/python -m shipper.kibana.build dashboards/intune-connector.ndjson
	@$(BIN)/python -m shipper.kibana.sketch docs/images
	@$(BIN)/python -m shipper.rules.targets

lock: needs-lock $(DEV) ## fix again in uv.lock what pyproject.toml allows, each file by its hash
	@UV_DEFAULT_INDEX=https://pypi.org/simple $(BIN)/uv --no-config lock $(ARGS)

clean: ## remove what make and the tools wrote here, .venv too
	rm -rf $(VENV) dist build .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: needs-demo needs-test needs-check needs-bench needs-assets needs-lock
needs-demo needs-test needs-check needs-bench needs-assets needs-lock:
	@.ci/needs $(@:needs-%=%)

$(DEV): pyproject.toml
	@python=$$(.ci/find-python) && { test -x $(BIN)/python || "$$python" -m venv $(VENV); }
	@$(BIN)/python -m pip --quiet --disable-pip-version-check install --use-pep517 --editable '.[dev]'
	@touch $@

