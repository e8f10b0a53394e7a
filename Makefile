# Works with GNU make 3.81 (macOS) and later, and with nothing installed but Python 3.11 or newer.
# `make install PYTHON=python3.13` picks an interpreter, `make install UV=` installs with pip even where uv is there.

SHELL := /bin/sh
BIN := .venv/bin
INSTALLED := .venv/.installed
UV ?= $(shell command -v uv 2>/dev/null)
PYTHON ?=
HISTORIES ?= 2000
REQUESTS ?= 300000
LOCK = "$(UV)" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)
# Strict: a link that leads nowhere fails. The variable silences an announcement of the theme's.
SITE = NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

.DEFAULT_GOAL := help
.PHONY: help install demo test soak fuzz control-plane check format bench lock crds docs release version clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

install: $(INSTALLED) ## make .venv with the project and its tools, as the lock says

demo: $(INSTALLED) ## watch a NIMService become Ready, on this machine, without a cluster
	@$(BIN)/python -m nimservice_simulator.demo

test: $(INSTALLED) ## run the tests; ARGS="-k autoscaled" picks some
	@$(BIN)/python -m pytest $(ARGS)

soak: $(INSTALLED) ## play 2000 random lives of a NIMService on two cores (20 minutes); HISTORIES=10000 plays more
	@$(BIN)/python -m tests.histories.soak --histories $(HISTORIES) $(ARGS)

fuzz: $(INSTALLED) ## spoil 300000 requests at random places (10 minutes); REQUESTS=1000000 spoils more
	@$(BIN)/python -m tests.fuzz.run --requests $(REQUESTS) $(ARGS)

control-plane: ## build a Kubernetes control plane for the tests that need one (needs Go; about 6 minutes, once)
	@tests/control_plane/build

check: $(INSTALLED) ## lint, types, layers, and whether generated files are current
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@rm -rf .cache/crds && mkdir -p .cache
	$(BIN)/nimservice crd --output .cache/crds
	@diff -r crds .cache/crds || { echo "crds/ is stale: run 'make crds' and commit the result" >&2; exit 1; }
	@$(BIN)/python -m tests.fields.page | diff docs/fields.md - || { echo "docs/fields.md is stale: run 'make docs' and commit it" >&2; exit 1; }
	@$(BIN)/python -m hooks.nimservice.status.reference | diff docs/status.md - || { echo "docs/status.md is stale: run 'make docs' and commit it" >&2; exit 1; }
	@$(BIN)/python -m tools.settings | diff docs/settings.md - || { echo "docs/settings.md is stale: run 'make docs' and commit it" >&2; exit 1; }
	@$(BIN)/python -m tools.metrics | diff docs/metrics.md - || { echo "docs/metrics.md is stale: run 'make docs' and commit it" >&2; exit 1; }
	$(BIN)/hadolint Dockerfile
	$(SITE) --site-dir .cache/site

format: $(INSTALLED) ## format the code and apply the safe fixes
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(INSTALLED) ## print the figures: time of a sync, start of the CLI, memory of a worker
	@$(BIN)/python -m benchmarks $(ARGS)

crds: $(INSTALLED) ## generate crds/ from the models
	$(BIN)/nimservice crd --output crds

docs: $(INSTALLED) ## generate the pages of docs/ that say what the code does, and build the site in build/site
	$(BIN)/python -m tests.fields.page > docs/fields.md
	$(BIN)/python -m hooks.nimservice.status.reference > docs/status.md
	$(BIN)/python -m tools.settings > docs/settings.md
	$(BIN)/python -m tools.metrics > docs/metrics.md
	$(SITE)

lock: ## write requirements*.lock after a change of pyproject.toml (needs uv); UPGRADE=--upgrade takes the newest
	@test -n "$(UV)" || { echo "make lock needs uv: python3 -m pip install uv" >&2; exit 1; }
	$(LOCK) pyproject.toml --extra cluster --group dev --output-file requirements.lock
	$(LOCK) pyproject.toml --constraint requirements.lock --output-file requirements-runtime.lock
	$(LOCK) --group build --constraint requirements.lock --output-file requirements-build.lock

release: $(INSTALLED) ## write dist/: wheels, sdist, install.yaml, crds.yaml, checksums; IMAGE=registry.example.com/nimservice-hooks names the image
	@$(BIN)/python -m tools.release $(if $(IMAGE),--image "$(IMAGE)") $(if $(COMPONENTS),--components $(COMPONENTS))

version: $(INSTALLED) ## put VERSION=x.y.z in each of its places
	@$(BIN)/python -m tools.release --set "$(VERSION)"

clean: ## remove .venv, caches and build output
	rm -rf .venv .cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is the last thing written: an install that was interrupted starts over at the next call.
$(INSTALLED): pyproject.toml requirements.lock
	@python=; for candidate in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
	  if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python=$$candidate; break; fi; \
	done; \
	test -n "$$python" || { echo "Python 3.11 or newer is needed; name yours: make install PYTHON=/path/to/python3" >&2; exit 1; }; \
	if test -n "$(UV)"; then \
	  $(BIN)/python -c '' 2>/dev/null || "$(UV)" venv --quiet --clear --no-python-downloads --python "$$(command -v $$python)" .venv || exit 1; \
	  with() { "$(UV)" pip install --quiet --compile-bytecode --python $(BIN)/python "$$@"; }; \
	else \
	  $(BIN)/python -c '' 2>/dev/null || $$python -m venv --clear .venv \
	    || { echo "no virtual environment could be made; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }; \
	  $(BIN)/python -c 'import pip' 2>/dev/null || $(BIN)/python -m ensurepip >/dev/null || exit 1; \
	  with() { $(BIN)/python -m pip install --quiet --disable-pip-version-check "$$@"; }; \
	fi; \
	echo "installing into .venv ($$($(BIN)/python --version), $(if $(UV),uv,pip))"; \
	with --require-hashes -r requirements.lock && with --no-deps --no-build-isolation --editable . \
	  && $(BIN)/python -m compileall -q hooks simulator && touch $@
