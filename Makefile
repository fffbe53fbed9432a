# make run   sets up what is missing and starts the page on http://localhost:7860 (HOST, PORT change where)
# make test  sets up what is missing and runs every test
# make check sets up what is missing and checks style and types
# make bench sets up what is missing and measures this machine: docs/benchmarks.md
# make web   builds the scripts of the page without a server again; it needs Node
# All need Python 3.11 to 3.13, nothing else; PYTHON=python3.12 chooses one.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run test check bench web clean

run: $(VENV)/.app
	@echo "3/3 Starting; in some seconds the address of the page stands below"
	@$(BIN)/python app.py

test: $(VENV)/.dev
	$(BIN)/python -m pytest

check: $(VENV)/.dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

web:
	cd web && npm ci --no-audit --no-fund && npm run build

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
	  echo "Python 3.11 to 3.13 is needed (TensorFlow has no build for others); $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
	  echo "Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "1/3 Making a Python environment in $(VENV), with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "On Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(VENV)/.app: requirements.txt | $(BIN)/python
	@echo "2/3 Installing Gradio, TensorFlow and others: about 590 MB to download, 2.4 GB on disk; some minutes without a word, once"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-mcp.txt $(VENV)/.app
	@echo "Installing what tests need, pytest, Playwright and others: about 90 MB to download, once"
	@$(PIP) -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) runs
