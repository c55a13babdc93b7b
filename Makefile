# Two commands: `make demo` shows it, `make test` proves it. Everything happens in .venv beside this file.

ROOT    := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
PYTHON  ?= python3
VENV    := $(ROOT).venv
BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: demo test lab bench croniter-6 lint reference lock clean tools

demo: $(VENV)/run
	cd "$(ROOT)" && "$(BIN)/python" examples/demo.py demo

test: $(VENV)/dev lint
	cd "$(ROOT)" && "$(BIN)/python" -m pytest -m "not lab" -n 2 --dist worksteal

# The long forms, and the table of what they measured.
lab: $(VENV)/dev croniter-6
	cd "$(ROOT)" && rm -f lab.jsonl && REENGAGE_LAB_FIGURES="$(ROOT)lab.jsonl" "$(BIN)/python" -m pytest -m lab \
	  ; "$(BIN)/python" -m tests.figures lab.jsonl

# What a run costs beside what a user would pick instead; `python -m bench --help` has more.
bench: $(VENV)/peers
	cd "$(ROOT)" && "$(BIN)/python" -m bench run && "$(BIN)/python" -m bench peers && "$(BIN)/python" -m bench memory

# The schedules with the oldest croniter that we allow; the pinned one is what every test run uses.
croniter-6: $(VENV)/dev
	$(PIP) install --require-hashes --no-deps --upgrade --target "$(VENV)/croniter-6" -r "$(ROOT)requirements/croniter-6.txt"
	cd "$(ROOT)" && PYTHONPATH="$(VENV)/croniter-6" "$(BIN)/python" -m pytest -m "not lab" tests/language/test_cron.py tests/language/test_clock_changes.py

lint: $(VENV)/dev
	cd "$(ROOT)" && "$(BIN)/ruff" check . && "$(BIN)/ruff" format --check . && "$(BIN)/mypy" && "$(BIN)/lint-imports"

# Writes the page of every word of the rule language again.
reference: $(VENV)/run
	cd "$(ROOT)" && "$(BIN)/reengage" schema reference > reference.new && mv reference.new docs/reference.md

# Python 3.11 or 3.12 with headers and a C compiler: durable-rules ships as source.
tools:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "reengage needs Python 3.11 or newer: install python3.11, or say PYTHON=/path/to/python3.11"; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip' 2>/dev/null \
	  || { echo "Python lacks venv: install python3-venv (Debian, Ubuntu)"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 13))' || { \
	  command -v cc >/dev/null || { echo "no C compiler: install gcc (Debian, Ubuntu: build-essential; Fedora: gcc; macOS: xcode-select --install)"; exit 1; }; \
	  "$(PYTHON)" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' \
	    || { echo "no Python.h: install python3-dev (Debian, Ubuntu) or python3-devel (Fedora)"; exit 1; }; }

$(VENV)/built: $(ROOT)requirements/build.txt | tools
	"$(PYTHON)" -m venv "$(VENV)"
	$(PIP) install --require-hashes -r "$(ROOT)requirements/build.txt"
	touch "$@"

$(VENV)/run: $(VENV)/built $(ROOT)requirements/run.txt $(ROOT)pyproject.toml
	$(PIP) install --require-hashes --no-build-isolation -r "$(ROOT)requirements/run.txt"
	$(PIP) install --no-deps --no-build-isolation -e "$(ROOT)"
	touch "$@"

$(VENV)/dev: $(VENV)/run $(ROOT)requirements/dev.txt
	$(PIP) install --require-hashes --no-build-isolation -r "$(ROOT)requirements/dev.txt"
	touch "$@"

$(VENV)/peers: $(VENV)/dev $(ROOT)requirements/bench.txt
	$(PIP) install --require-hashes -r "$(ROOT)requirements/bench.txt"
	touch "$@"

# Writes the pinned, hashed requirements again; needs uv.
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q
lock:
	cd "$(ROOT)" && $(LOCK) --group build -o requirements/build.txt \
	  && $(LOCK) pyproject.toml --extra postgres -o requirements/run.txt \
	  && $(LOCK) pyproject.toml --all-extras --group dev -o requirements/dev.txt \
	  && $(LOCK) requirements/bench.in -c requirements/dev.txt -o requirements/bench.txt \
	  && echo "croniter==6.2.4" | $(LOCK) --no-deps - -o requirements/croniter-6.txt

clean:
	rm -rf "$(VENV)" "$(ROOT)demo" "$(ROOT)exports"
