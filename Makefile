# Every target does its own set-up: `make demo` in a fresh clone is enough.

ARGS ?=
TESTS ?= tests/unit tests/flow tests/contract tests/end_to_end

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# uv asks the machine's certificate store, as pip does.
export UV_SYSTEM_CERTS := 1

.PHONY: demo test lint format bench setup lock clean

demo: setup
	@$(BIN)/gptdeploy demo $(ARGS)

test: setup
	$(BIN)/pytest $(TESTS) $(ARGS)

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: setup
	@$(BIN)/python -m tests.bench $(ARGS)

setup: $(READY)

# Everything in the lock is checked against its hash, the first tool (uv) included.
$(READY): requirements.lock pyproject.toml
	@test -x $(BIN)/python || { \
		for python in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do \
			$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
			python=; \
		done; \
		test -n "$$python" || { echo 'gptdeploy needs Python 3.11 or newer: install it and call make again.' >&2; exit 1; }; \
		echo "setting up $(VENV) with $$($$python --version)"; \
		$$python -m venv $(VENV) || { rm -rf $(VENV); echo 'Install the package python3-venv and call make again.' >&2; exit 1; }; \
	}
	@awk '/^[a-z]/ {uv = /^uv==/} uv' requirements.lock > $(VENV)/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	@index=$$($(BIN)/python -m pip config get global.index-url 2>/dev/null); \
		if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$index}"; fi; \
		$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock && \
		$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

# The newest versions that pyproject.toml allows, for every platform and Python from 3.11 on.
lock: setup
	$(BIN)/uv pip compile pyproject.toml --quiet --upgrade --all-extras --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
		--output-file requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
