# Everything from Python 3.11+, make and git alone; what is installed stays in .venv inside this folder.
PYTHON ?= python3
BIN := .venv/bin
RUN := .venv/.run-$(shell cat requirements/run.txt pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)
DEV := .venv/.dev-$(shell cat requirements/*.txt pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup demo run test soak check bench format pin clean docs
help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(RUN) ## install what the service needs into .venv

demo: $(RUN) ## show it at work: a whole newsroom on this machine, no internet needed
	@$(BIN)/aggregator demo

run: $(RUN) ## start the daemon with the configuration in config/
	$(BIN)/aggregator run

# three at a time on two cores: many wait for a daemon or a clock, and not for a core
test: $(DEV) ## run all tests
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not slow"

soak: $(DEV) ## the long tests: hundreds of kills, thousands of sources, real waiting
	$(BIN)/pytest -n 2 --dist loadfile -m slow

check: $(DEV) ## lint, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(RUN) ## three rounds beside a plain script, on real feeds; some minutes
	$(BIN)/python -m bench.rounds

docs: $(RUN) ## print docs/reference/ from the code
	$(BIN)/python docs/print_reference.py

format: $(DEV) ## put the code in order
	$(BIN)/ruff check --fix-only --exit-zero .
	$(BIN)/ruff format .

clean: ## remove what was installed and made; var/ (your data) stays
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis dist build

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv

$(RUN): $(BIN)/python
	@echo "Installing what the service needs (about half a minute, once) ..."
	@$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements/run.txt
	@$(BIN)/pip install --quiet --no-build-isolation --no-deps -e .
	@rm -f .venv/.run-*; touch $@

$(DEV): $(RUN)
	@echo "Installing what tests and checks need (once) ..."
	@$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements/semantic.txt -r requirements/dev.txt
	@rm -f .venv/.dev-*; touch $@

pin: $(DEV) ## renew requirements/*.txt from requirements/*.in (names, versions, hashes; no addresses)
	$(BIN)/uv pip compile --quiet --upgrade --no-header --generate-hashes --python-version 3.11 requirements/run.in -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --upgrade --no-header --generate-hashes --python-version 3.11 requirements/postgres.in -o requirements/postgres.txt
	$(BIN)/uv pip compile --quiet --upgrade --no-header --generate-hashes --python-version 3.11 requirements/semantic.in -o requirements/semantic.txt
	$(BIN)/uv pip compile --quiet --upgrade --no-header --generate-hashes --python-version 3.11 requirements/dev.in -o requirements/dev.txt
