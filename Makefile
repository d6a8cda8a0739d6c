.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup run test check bank lint types models bench screenshots wheel clean

help:  ## what can be made
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## .venv with everything in it; quick when nothing changed

$(READY): pyproject.toml
	@echo "Setting up $(VENV): a minute or two the first time"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "  1 of 3: pip"
	@$(BIN)/pip install --quiet --disable-pip-version-check --upgrade "pip>=24"
	@echo "  2 of 3: torch for the CPU (only for training and for other encoders)"
	@$(BIN)/pip install --quiet --disable-pip-version-check "torch==2.13.0"
	@echo "  3 of 3: answer-grader and its tools"
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[test]"
	@touch $(READY)
	@echo "Ready. Try: $(BIN)/grader bank list"

run: setup  ## the practice page and the API, on http://127.0.0.1:8000
	@$(BIN)/grader serve

test: setup  ## the tests
	@$(BIN)/python -m pytest

check: setup lint types test bank  ## all that CI checks

lint: setup  ## style and import arrows
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-cache

bank: setup  ## the question bank: faults stop, the grader's doubts are told
	@$(BIN)/grader bank check

types: setup  ## mypy --strict
	@$(BIN)/mypy

bench: setup  ## speed beside the plain alternative
	@$(BIN)/grader bench

models: setup  ## trains, calibrates and exports the models again; see models/README.md
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[models]"
	@$(BIN)/python models/recipes/make.py

screenshots: setup  ## the README's pictures of the page, light and dark
	@$(BIN)/python -m tests.e2e.screenshots

wheel: setup  ## a wheel in dist/, with models, bank and page
	@$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

clean:  ## away with everything that can be made again
	@rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
