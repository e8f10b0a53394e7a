# Works with GNU make 3.81 (macOS) and later, and with nothing installed but Python 3.11 or newer.
# `make install PYTHON=python3.13` picks an interpreter, `make install UV=` installs with pip even where uv is there.

SHELL := /bin/sh
BIN := .venv/bin
INSTALLED := .venv/.installed
RUNNABLE := .venv/.runnable
UV ?= $(shell command -v uv 2>/dev/null)
PYTHON ?=
HISTORIES ?= 2000
REQUESTS ?= 300000
LOCK = "$(UV)" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)
# Strict: a link that leads nowhere fails. The variable silences an announcement of the theme's.
SITE = NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

# Python keeps what it compiled beside the source, also where the environment forbids it: else each process of the tests compiles
# every test anew, and rewrites its assertions, which takes longer than many of the tests.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo test test-fast soak fuzz control-plane neighbours tools check format bench lock chart crds docs release version clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

install: $(INSTALLED) ## make .venv with the project and its tools, as the lock says

demo: $(if $(wildcard $(INSTALLED)),$(INSTALLED),$(RUNNABLE)) ## watch a NIMService become Ready, on this machine, without a cluster
	@PYTHONPATH=.:simulator $(BIN)/python -m nimservice_simulator.demo

test: $(INSTALLED) ## run the tests, and print the coverage of the fast ones; ARGS="-k autoscaled" picks some
ifeq ($(strip $(ARGS)),)
	@mkdir -p .cache
	@$(BIN)/python -m pytest --part fast --numprocesses auto --cov --cov-report=
	@printf 'coverage by the fast tests: %s %% (.venv/bin/coverage report -m)\n' "$$($(BIN)/coverage report --format=total)"
	@$(BIN)/python -m pytest --part slow
else
	@$(BIN)/python -m pytest $(ARGS)
endif

test-fast: $(INSTALLED) ## run the tests that need no control plane, no kubectl and little time, on all cores
	@$(BIN)/python -m pytest --part fast --numprocesses auto $(ARGS)

soak: $(INSTALLED) ## play 2000 random lives of a NIMService and as many of a NIMCache on two cores (40 minutes); HISTORIES=10000 plays more
	@$(BIN)/python -m tests.histories.soak --histories $(HISTORIES) $(ARGS)

fuzz: $(INSTALLED) ## spoil 300000 requests at random places (10 minutes); REQUESTS=1000000 spoils more
	@$(BIN)/python -m tests.fuzz.run --requests $(REQUESTS) $(ARGS)

control-plane: ## build a Kubernetes control plane, and the oldest API server, for the tests that need them (needs Go; about 12 minutes, once)
	@tests/control_plane/build && tests/control_plane/oldest/build

neighbours: ## build kube-scheduler, kwok and LeaderWorkerSet for the tests that need them (needs Go; about 5 minutes, once); FULL=1 adds KServe (6 minutes more)
	@tests/neighbours/build
ifeq ($(FULL),1)
	@tests/neighbours/full/build
	@echo "neighbours: cert-manager and the Prometheus operator are skipped: they are tried by hand"
else
	@echo "neighbours: KServe is skipped: FULL=1 builds it; so are cert-manager and the Prometheus operator, which are tried by hand"
endif

check: $(INSTALLED) ## lint, types, layers, and whether generated files are current
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@rm -rf .cache/crds && mkdir -p .cache
	$(BIN)/nimservice crd --output .cache/crds
	@diff -r crds .cache/crds || { echo "crds/ is stale: run 'make crds' and commit the result" >&2; exit 1; }
	@rm -rf .cache/schemas && $(BIN)/python -m tools.schemas .cache/schemas
	@diff -r hooks/kernel/crd/schemas .cache/schemas || { echo "hooks/kernel/crd/schemas is stale: run 'make crds' and commit the result" >&2; exit 1; }
	@$(BIN)/python -m tests.fields.page | diff docs/fields.md - || { echo "docs/fields.md is stale: run 'make docs' and commit it" >&2; exit 1; }
	@$(BIN)/python -m tests.fields.edits | diff hooks/cli/edits.json - || { echo "hooks/cli/edits.json is stale: run 'make docs' and commit it" >&2; exit 1; }
	@$(BIN)/python -m tests.fields.cachepage | diff docs/fields-nimcache.md - || { echo "docs/fields-nimcache.md is stale: run 'make docs' and commit it" >&2; exit 1; }
	@$(BIN)/python -m tests.fields.pipelinepage | diff docs/fields-nimpipeline.md - || { echo "docs/fields-nimpipeline.md is stale: run 'make docs' and commit it" >&2; exit 1; }
	@$(BIN)/python -m hooks.nimservice.status.reference | diff docs/status.md - || { echo "docs/status.md is stale: run 'make docs' and commit it" >&2; exit 1; }
	@$(BIN)/python -m hooks.nimcache.status.reference | diff docs/status-nimcache.md - || { echo "docs/status-nimcache.md is stale: run 'make docs' and commit it" >&2; exit 1; }
	@$(BIN)/python -m tools.settings | diff docs/settings.md - || { echo "docs/settings.md is stale: run 'make docs' and commit it" >&2; exit 1; }
	@$(BIN)/python -m tools.metrics | diff docs/metrics.md - || { echo "docs/metrics.md is stale: run 'make docs' and commit it" >&2; exit 1; }
	@rm -rf .cache/chart && $(BIN)/python -m tools.chart .cache/chart
	@diff -r --exclude files charts/nimservice-hooks .cache/chart || { echo "charts/ is stale: run 'make chart' and commit the result" >&2; exit 1; }
	$(BIN)/hadolint Dockerfile
	$(BIN)/zizmor --offline --quiet .github/workflows
	$(SITE) --site-dir .cache/site

format: $(INSTALLED) ## format the code and apply the safe fixes
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(INSTALLED) ## print the figures: time of a sync, start of the CLI, memory of a worker
	@$(BIN)/python -m benchmarks $(ARGS)

tools: ## build Helm and actionlint for the tests (needs Go; about 4 minutes, once)
	@for tool in helm actionlint; do tests/tools/build $$tool || exit 1; done

chart: $(INSTALLED) ## generate charts/ from metacontroller/ and crds/
	@rm -rf charts/nimservice-hooks/templates && $(BIN)/python -m tools.chart charts/nimservice-hooks

crds: $(INSTALLED) ## generate crds/ from the models, and their schemas as JSON
	$(BIN)/nimservice crd --output crds
	$(BIN)/python -m tools.schemas hooks/kernel/crd/schemas

docs: $(INSTALLED) ## generate the pages of docs/ that say what the code does, and build the site in build/site
	$(BIN)/python -m tests.fields.page > docs/fields.md
	$(BIN)/python -m tests.fields.edits > hooks/cli/edits.json
	$(BIN)/python -m tests.fields.cachepage > docs/fields-nimcache.md
	$(BIN)/python -m tests.fields.pipelinepage > docs/fields-nimpipeline.md
	$(BIN)/python -m hooks.nimservice.status.reference > docs/status.md
	$(BIN)/python -m hooks.nimcache.status.reference > docs/status-nimcache.md
	$(BIN)/python -m tools.settings > docs/settings.md
	$(BIN)/python -m tools.metrics > docs/metrics.md
	$(SITE)

lock: ## write requirements*.lock after a change of pyproject.toml (needs uv); UPGRADE=--upgrade takes the newest
	@test -n "$(UV)" || { echo "make lock needs uv: python3 -m pip install uv" >&2; exit 1; }
	$(LOCK) pyproject.toml --extra cluster --group dev --output-file requirements.lock
	$(LOCK) --group serve --constraint requirements.lock --output-file requirements-runtime.lock
	$(LOCK) --group build --constraint requirements.lock --output-file requirements-build.lock

release: $(INSTALLED) ## write dist/: wheels, sdist, chart, install.yaml, crds.yaml, SBOMs, checksums; IMAGE=registry.example.com/nimservice-hooks names the image
	@$(BIN)/python -m tools.release $(if $(IMAGE),--image "$(IMAGE)") $(if $(COMPONENTS),--components $(COMPONENTS)) \
	  $(if $(METACONTROLLER_CRDS),--metacontroller-crds "$(METACONTROLLER_CRDS)") \
	  $(if $(METACONTROLLER_DIGEST),--metacontroller-digest "$(METACONTROLLER_DIGEST)")

version: $(INSTALLED) ## put VERSION=x.y.z in each of its places
	@$(BIN)/python -m tools.release --set "$(VERSION)"

clean: ## remove .venv, caches and build output
	rm -rf .venv .cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Sets `with`, which installs into .venv with what it is given: by uv, or by the pip of the interpreter, as a pip of its own takes
# .venv seconds. The locks are complete, so there is nothing to resolve.
define environment
python=; for candidate in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
	  if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python=$$candidate; break; fi; \
	done; \
	test -n "$$python" || { echo "Python 3.11 or newer is needed; name yours: make install PYTHON=/path/to/python3" >&2; exit 1; }; \
	if test -n "$(UV)"; then \
	  $(BIN)/python -c '' 2>/dev/null || "$(UV)" venv --quiet --clear --no-python-downloads --python "$$(command -v $$python)" .venv || exit 1; \
	  with() { "$(UV)" pip install --quiet $$bytecode --python $(BIN)/python "$$@"; }; \
	else \
	  $(BIN)/python -c '' 2>/dev/null || $$python -m venv --without-pip --clear .venv || exit 1; \
	  if $$python -m pip --python $(BIN)/python --version >/dev/null 2>&1; then pip="$$python -m pip --python $(BIN)/python"; \
	  else \
	    $(BIN)/python -c 'import pip' 2>/dev/null || $(BIN)/python -m ensurepip >/dev/null \
	      || { echo "found no pip; on Debian and Ubuntu: apt install python3-pip" >&2; exit 1; }; \
	    pip="$(BIN)/python -m pip"; \
	  fi; \
	  with() { $$pip install --quiet --disable-pip-version-check $$bytecode "$$@"; }; \
	fi; \
	echo "installing $$(grep -c == $$lock) packages of $$lock into .venv ($$($(BIN)/python --version), $(if $(UV),uv,pip))"; \
	with --no-deps --require-hashes -r $$lock
endef

# A stamp is the last thing written: an install that was interrupted starts over at the next call.
$(INSTALLED): pyproject.toml requirements.lock
	@lock=requirements.lock; bytecode=--compile; $(environment) && with --no-deps --no-build-isolation --editable . \
	  && $(BIN)/python -m compileall -q hooks simulator && touch $@

# What the server needs is enough for the demo, which runs from the checkout and compiles what it uses, and no more.
$(RUNNABLE): requirements-runtime.lock
	@lock=requirements-runtime.lock; bytecode=--no-compile; $(environment) && touch $@
