# run, test, check, faults, bench, bench-letters, fmt, texts, and demo. Needs Python 3.11 or newer and make; everything else is fetched, by its hash.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run demo test check faults faults-short bench bench-letters fmt texts browser
.DEFAULT_GOAL := run

# Every test worker, and every process that a test starts, would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

run: $(VENV)/.run
	$(BIN)/python -m bot run

demo: $(VENV)/.run
	$(BIN)/python -m bot demo

test: $(VENV)/.dev browser
	PLAYWRIGHT_BROWSERS_PATH=$(CURDIR)/.browser $(BIN)/python -m pytest -n 4 --dist loadscope --no-loadscope-reorder

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@found=$$($(BIN)/python -m bot rules lint) || (echo "$$found" | grep '^error'; exit 1)
	$(BIN)/python docs/tables.py --check
	$(MAKE) faults-short
	$(MAKE) test

# tests/faults and tests/attack: a tenth of the counts with a seed that stays, so that a check's result is the change's and not
# chance's, or all of them with a seed drawn anew; `SEED=1234` plays another or repeats one.
faults-short: SHARE := 0.1
faults-short: SEED := 1
faults-short: TIMEOUT := 600
faults: SHARE := 1
faults: TIMEOUT := 7200
faults faults-short: $(VENV)/.dev browser
	PLAYWRIGHT_BROWSERS_PATH=$(CURDIR)/.browser $(BIN)/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder \
	  tests/faults tests/attack --share $(SHARE) --timeout $(TIMEOUT) $(if $(SEED),--seed $(SEED))

bench: $(VENV)/.dev
	$(BIN)/python -m tests.bench

# How often the check of a photographed letter is right; `make bench-letters LONG=1` looks at every picture of its set.
bench-letters: $(VENV)/.dev
	$(BIN)/python -m tests.bench.letters $(if $(SHARE),--share $(SHARE)) $(if $(LONG),--long)

fmt: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Every key that is used has its sentence; sentences nobody uses are named.
texts: $(VENV)/.dev
	$(BIN)/python -m pytest -q tests/test_house.py -k texts

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || (echo "Python 3.11 or newer is needed: make PYTHON=python3.11"; exit 1)
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.run

# A browser for the page's tests: one that is there, else Playwright's own, else Debian's. Without any those tests fail.
browser: $(VENV)/.dev
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
	  command -v $$name >/dev/null 2>&1 && exit 0; \
	done; \
	ls .browser/chromium*/*/chrome* >/dev/null 2>&1 && exit 0; \
	PLAYWRIGHT_BROWSERS_PATH=$(CURDIR)/.browser timeout 300 $(BIN)/python -m playwright install chromium >/dev/null 2>&1 && exit 0; \
	[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && (apt-get update && apt-get install -y --no-install-recommends chromium) >/dev/null 2>&1 && exit 0; \
	echo "No browser could be had. Install Chromium or Google Chrome: without one the page's tests fail."
