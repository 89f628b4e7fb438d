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
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: setup  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint test  ## style, types, tests

sql: $(BIN)/.ready-sql  ## databases: DuckDB, PostgreSQL, MariaDB, ClickHouse, Spark (Java 17), in a .venv-sql of their own
	$(VENV)-sql/bin/python -m pytest tests/sources/test_sql.py tests/sources/test_sql_safety.py tests/sources/engines tests/actions/test_import_sql.py tests/test_import_page.py

# pyarrow, which the database engines bring, changes how pandas stores text: kept apart
$(BIN)/.ready-sql: pyproject.toml $(BIN)/.ready
	$(PYTHON) -m venv $(VENV)-sql
	$(VENV)-sql/bin/python -m pip install --quiet --disable-pip-version-check -e '.[dev,sql,spark,postgres,mysql,clickhouse]' chdb
	touch $@

bench: setup  ## ratios against peers, measured in one run
	$(BIN)/python -m benchmarks

.PHONY: help setup demo test lint check sql bench
