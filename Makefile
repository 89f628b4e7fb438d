# Everything runs in .venv; `make` alone shows what there is.
PYTHON ?= python3.11
VENV   ?= .venv
BIN     = $(VENV)/bin

help:
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ —/'

$(BIN)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

setup: $(BIN)/.ready  ## create .venv and install xlplan with its development tools

demo: setup  ## an example shop's year: targets → filled plan book with actuals
	$(BIN)/xlplan demo

test: setup  ## the whole test suite
	$(BIN)/python -m pytest -n 2

check: setup  ## style, types, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2

bench: setup  ## ratios against peers, measured in one run
	$(BIN)/python -m benchmarks

.PHONY: help setup demo test check bench
