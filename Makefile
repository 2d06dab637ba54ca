# Everything sets itself up in .venv from the locked requirements; the second time it is quick.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: docs run test check format bench soak install lock clean
.DEFAULT_GOAL := help

help:
	@echo "make run      start the bot (without a token: in its playground)"
	@echo "make test     run the tests"
	@echo "make check    format, lint, types and layers"
	@echo "make bench    run the benchmarks"
	@echo "make soak     kill the program 10,000 times, a cluster 1,000 times, and count what people saw"
	@echo "make docs     make the page of every command anew, with its pictures"
	@echo "make install  set up .venv only"

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Highwater needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 ...")'
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.python requirements.txt pyproject.toml
	@echo "Installing the locked requirements ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	@echo "Installing the locked development tools ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

install: $(VENV)/.installed

run: install
	@$(BIN)/highwater run $(ARGS)

test: $(VENV)/.installed-dev
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(VENV)/.installed-dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(VENV)/.installed-dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/.installed-dev
	@for file in benchmarks/bench_*.py; do echo "== $$file"; $(BIN)/python -m benchmarks.$$(basename $$file .py) || exit 1; done

soak: $(VENV)/.installed-dev
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.reliability.kill --kills $(or $(KILLS),10000)
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.reliability.cluster --kills $(or $(KILLS),1000) --stops 300 --moments 80
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.reliability.feeds --kills $(or $(KILLS),1000)

docs: install
	@$(BIN)/python docs/make.py

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --quiet --extra build --output-file requirements.txt pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --quiet --extra build --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --quiet --extra build --extra cluster --constraint requirements-dev.txt --output-file requirements-cluster.txt pyproject.toml

clean:
	rm -rf $(VENV)
