# Every target does its own set-up: `make demo` in a fresh clone is enough.

ARGS ?=
# The slowest first, so that no process is left with them at the end.
TESTS ?= tests/flow tests/contract tests/unit tests/end_to_end
# Half as many again as there are processors: many tests wait for something.
PROCESSES ?= $(shell python3 -c 'import os; print((os.cpu_count() or 1) * 3 // 2)' 2>/dev/null || echo 2)
ALONE = $(filter tests/end_to_end%,$(TESTS))
SIDE_BY_SIDE = $(filter-out $(ALONE),$(TESTS))

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python
SCHEMA := $(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-
DEMO := $(VENV)/.ready-for-demo
DEV := $(VENV)/.ready

# Everything here starts many processes: what the first of them has compiled the others read.
unexport PYTHONDONTWRITEBYTECODE

# uv reads no pip.conf: it asks the machine's certificate store and, where pip has one, the machine's package index.
export UV_SYSTEM_CERTS := 1
INDEX = index=$$($(PIP) config get global.index-url 2>/dev/null); \
	test -z "$$index" || export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$index}";

.PHONY: demo test lint lint-github format docs bench chaos evaluate setup lock dist clean

demo: $(DEMO)
	@$(BIN)/gptdeploy demo $(ARGS)

# The end-to-end tests share one engine and one machine: they run after the others. Each of their groups has a process.
# pytest's exit status 5: ARGS leave none of these tests. That is an error only where they leave none of both.
test: setup
	@result=5; \
	run() { \
		$(BIN)/pytest "$$@" $(ARGS); status=$$?; \
		case $$status in 5) ;; 0) result=0 ;; *) exit $$status ;; esac; \
	}; \
	$(if $(SIDE_BY_SIDE),run --numprocesses $(PROCESSES) --dist worksteal $(SIDE_BY_SIDE);) \
	$(if $(ALONE),run --numprocesses 4 --dist loadscope $(ALONE);) \
	exit $$result

lint: setup lint-github
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# Repositories with services copy some of these files, so they are checked like code.
lint-github: setup
	@$(BIN)/zizmor --offline --quiet --persona auditor .github
	@$(SCHEMA)workflows .github/workflows/*.yml
	@$(SCHEMA)issue-forms .github/ISSUE_TEMPLATE/*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml

format: setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# The tables that follow from the code; a test says when they differ.
docs: setup
	@$(BIN)/python -m tests.reference

# Issues on their way while everything around the bot fails.
chaos: setup
	@$(BIN)/python -m tests.chaos $(ARGS)

bench: setup
	@$(BIN)/python -m tests.bench $(ARGS)

# Needs a real model (OPENAI_API_KEY or OPENAI_BASE_URL), or ARGS=--replay.
evaluate: setup
	@$(BIN)/python -m tests.evaluate $(ARGS)

setup: $(DEV)

# Exact versions from the lock, each checked against its hash, uv as the first of them.
$(VENV)/.ready-for-uv: requirements.lock
	@test -x $(BIN)/python || { \
		for python in python3 python3.13 python3.12 python3.11 /usr/bin/python3 none; do \
			$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
		done; \
		if [ $$python = none ]; then \
			echo 'gptdeploy needs Python 3.11 or newer: install it and call make again.' >&2; exit 1; \
		fi; \
		echo "setting up $(VENV) with $$($$python --version)"; \
		$$python -m venv $(VENV) >/dev/null 2>&1 || { \
			rm -rf $(VENV); \
			test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -qq -y python3-venv >/dev/null && \
			$$python -m venv $(VENV); \
		} || { rm -rf $(VENV); echo 'Install the package python3-venv and call make again.' >&2; exit 1; }; \
	}
	@awk '/^[a-z]/ {uv = /^uv==/} uv' requirements.lock > $(VENV)/uv.lock
	@$(PIP) install -qq --require-hashes -r $(VENV)/uv.lock
	@touch $@

# What the demo needs comes first and alone, as it is a third of what development needs.
$(DEMO): $(VENV)/.ready-for-uv requirements.lock pyproject.toml
	@$(INDEX) $(UV) --constraint requirements.lock -e '.[demo]'
	@touch $@

$(DEV): $(DEMO)
	@$(INDEX) $(UV) --require-hashes -r requirements.lock
	@touch $@

# The newest versions that pyproject.toml allows, for every platform and Python from 3.11 on.
lock: setup
	$(BIN)/uv pip compile pyproject.toml --quiet --upgrade --all-extras --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
		--output-file requirements.lock

# The sdist and, built from it, the wheel; the wheel is then tried where there is no clone.
dist: $(VENV)/.ready-for-uv
	@rm -rf dist
	@$(INDEX) export SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct); $(BIN)/uv build --quiet && .ci/try-wheel

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
