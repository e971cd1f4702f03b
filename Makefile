# `make demo` and `make test` are all a new user needs: each makes the virtual environment on its first run.
PYTHON ?= python3
VENV   ?= .venv
READY  := $(VENV)/.ready

.PHONY: help demo test lint format docs messages soak clean

help:
	@echo "make demo    the whole job on two synthetic people, under 5 minutes on 2 cores"
	@echo "make test    the test suite"
	@echo "make lint    ruff, the format check, codespell"
	@echo "make docs    write docs/options.md again"
	@echo "make messages  collect the texts of the program into the translation catalogs"
	@echo "make soak    the long crash and fuzz tests"

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --upgrade pip
	$(VENV)/bin/python -m pip install --quiet --editable '.[dev]'
	@touch $(READY)

demo: $(READY)
	$(VENV)/bin/dfl demo --workspace demo-workspace

test: $(READY)
	$(VENV)/bin/python -m pytest -n 2

lint: $(READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/codespell

format: $(READY)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

docs: $(READY)
	$(VENV)/bin/python -m dfl_cli.classes.document > docs/options.md

messages: $(READY)
	@mkdir -p build
	$(VENV)/bin/pybabel --quiet extract
	$(VENV)/bin/pybabel --quiet update

soak: $(READY)
	$(VENV)/bin/python -m pytest -m soak

clean:
	rm -rf $(VENV) demo-workspace
