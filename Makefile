# Needs python3 (3.11 or later) and make; Go, cargo and npm for those languages. Longer shell logic stands in scripts/.

PYTHON ?= python3
GO ?= go
CARGO ?= cargo
NPM ?= npm
# More arguments: for hsmspec in conformance*, for pytest in test*. Example: make conformance ARGS="--budget quick"
ARGS ?=

MAIN_VERSION := v1.25.1
VERSIONS := $(MAIN_VERSION) v1.27.3 v1.30.4 v1.32.2
# The versions that Temporal's own machines are recorded with: compiling them takes minutes for each.
RECORDED := $(MAIN_VERSION) v1.32.2
ENGINES := $(VERSIONS)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/stamp-installed
DEVELOPING := $(VENV)/stamp-developing
COMPILED := build/compiled/stamp
SCORE := build/score.json
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
PYTEST := $(BIN)/pytest --numprocesses auto --dist loadgroup
TEMPORAL := adapters/temporal
DEVIATIONS := $(VERSIONS:%=--deviations $(TEMPORAL)/%/deviations.toml)
OF_ENGINES := $(ENGINES:%=--deviations $(TEMPORAL)/framework/%/deviations.toml)
go-files = $(shell find $(addprefix $(TEMPORAL)/,$(1)) -name '*.go' -o -name 'go.*')
NODE_MODULES := adapters/typescript/node_modules/.package-lock.json
SOURCES := $(shell find model/hsm_model specs/hsm_specs -name '*.py')
export ARGS BIN CARGO ENGINES GO MAIN_VERSION NPM RECORDED VERSIONS
.DELETE_ON_ERROR:
.SECONDEXPANSION:
.PHONY: $(shell sed -n 's/^\([a-z -]*\):.*\#\# .*/\1/p' $(firstword $(MAKEFILE_LIST)))

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z -]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# --- judging and testing ----------------------------------------------------------------------------------------------
conformance: $(INSTALLED) ## judge the real Go package, v1.25.1, and the bundled Python implementation
	+@scripts/judge python $(MAIN_VERSION)
conformance-all: $(INSTALLED) ## judge every version of the real package that can be built, and the bundled ones
	+@scripts/judge python framework $(VERSIONS) rust typescript
conformance-framework conformance-framework-all: $(INSTALLED) ## judge the real history engine: v1.25.1, or all ENGINES
	+@scripts/judge $(addprefix engine-,$(if $(filter %-all,$@),$(ENGINES),$(MAIN_VERSION)))
pins: $(INSTALLED) ## write what each of them does where the documentation is silent to its file of known deviations
	+@scripts/pin $(VERSIONS) rust typescript python framework $(ENGINES:%=engine-%)
recorded: $(INSTALLED) ## judge what tests of Temporal's own machines recorded with hsmtrace, at two versions
	+@scripts/judge-recorded $(RECORDED)
recorded-all: $(INSTALLED) ## the same at each version that the suite runs against
	+@scripts/judge-recorded $(VERSIONS)
test: $(DEVELOPING) ## run the whole test suite, with the real package where Go is
	+@scripts/with-adapters $(MAIN_VERSION) probe recorded-$(MAIN_VERSION) rust typescript -- $(PYTEST) --hypothesis-profile=ci $(ARGS)
test-fast: $(DEVELOPING) ## run the everyday tests: no soaks, clusters, browsers, hanging adapters or real package
	$(PYTEST) -m "not slow" $(ARGS)
test-oldest: ## run some of the everyday tests with the oldest versions of all dependencies
	@PYTHON=$(PYTHON) scripts/test-oldest
mutants: $(INSTALLED) ## score the suite by mutants of the bundled Python implementation
	@scripts/score $(SCORE)
mutants-temporal: $(INSTALLED) build/mutants/temporal.json ## score the suite by mutants of the real package (needs Go)
	$(BIN)/hsmspec mutants --require score --budget default $(ARGS) build/mutants/temporal.json
bench: $(COMPILED) ## measure the model, the suite and the start-up, as ratios, to docs/figures.md
	+@scripts/with-adapters $(MAIN_VERSION) engine-$(MAIN_VERSION) -- env PYTHONPATH=$(dir $(COMPILED)) $(BIN)/python bench \
		--json build/bench.json --table docs/figures.md $(ARGS)
compiled: $(COMPILED) ## compile the model with mypyc and check that it says what it says uncompiled
	+@scripts/with-adapters $(MAIN_VERSION) -- bash .ci/compiled $(BIN)/python $(dir $(COMPILED)) \
		build/temporal-$(MAIN_VERSION)

# --- checks of the code -----------------------------------------------------------------------------------------------
lint: $(DEVELOPING) ## check style and prose: of the Python code, the shell scripts and the action of GitHub
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python scripts/prose.py
	@scripts/check-ci
format: $(DEVELOPING) ## format the Python, the Go, the Rust and the TypeScript code
	+scripts/format
types: $(DEVELOPING) ## check the types of the three packages, with mypy and pyright
	$(BIN)/mypy && $(BIN)/pyright
architecture: $(DEVELOPING) ## check that dependencies point one way
	PYTHONPATH=adapters/python $(BIN)/lint-imports
go rust typescript: ## check formatting of the code in that language, lint it and run its tests
	+scripts/check-$@
wheel: $(DEVELOPING) ## build the wheel, check what it contains and try it in an empty environment
	bash .ci/wheel $(BIN)/python

# --- generated files --------------------------------------------------------------------------------------------------
protocol: $(DEVELOPING) ## write PROTOCOL.md and the JSON Schema, from the types of the messages
	$(BIN)/python -m hsm_specs.protocol
vectors: $(INSTALLED) ## write specs/vectors: programs with the model's observations
	$(BIN)/hsmspec vectors --output specs/vectors $(DEVIATIONS) $(OF_ENGINES)
gallery: $(DEVELOPING) ## draw the pictures of diagrams/gallery, from the executed model
	$(BIN)/python -m hsm_diagrams.gallery diagrams/gallery
book: $(DEVELOPING) $(SCORE) ## write the specification as pages for a browser, to build/book
	rm -rf build/book && $(BIN)/hsmspec book --output build/book --gallery diagrams/gallery --mutants $(SCORE) $(DEVIATIONS)
api: $(DEVELOPING) ## write the API page of the model, made of its docstrings, to build/api
	$(BIN)/pdoc hsm_model --output-directory build/api
fixtures: $(DEVELOPING) build/temporal-$(MAIN_VERSION) ## have the real package write the fixtures of the tests
	$(BIN)/python tests/model/fixtures/write.py build/temporal-$(MAIN_VERSION)
constraints: ## renew constraints*.txt, with hashes: the newest versions that go together
	PYTHON=$(PYTHON) scripts/constraints
clean: ## remove everything that make made
	git clean -Xdfq

# --- what the targets need --------------------------------------------------------------------------------------------
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed.")'
	@echo "Making the virtual environment $(VENV)."
	@$(PYTHON) -m venv $(VENV)
# Hashes cannot be asked of a folder, so what hsmspec depends on and is built with is installed first, and used as it is.
$(INSTALLED): pyproject.toml constraints-run.txt | $(BIN)/python
	@echo "Installing hsmspec: about 20 s."
	@$(PIP) install --require-hashes --requirement constraints-run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
$(DEVELOPING): constraints.txt $(INSTALLED)
	@echo "Installing what development needs: about a minute."
	@$(PIP) install --require-hashes --requirement constraints.txt
	@touch $@
$(COMPILED): hatch_build.py pyproject.toml $(SOURCES) | $(DEVELOPING)
	@echo "Compiling hsmspec."
	@rm -rf $(@D) && mkdir -p $(@D)
	@HSMSPEC_COMPILE=1 $(PIP) install --no-build-isolation --no-deps --target $(@D) .
	@touch $@
build/temporal-probe: $(call go-files,probe)
	@echo "Building the probe of the real machines, $(MAIN_VERSION)."
	@scripts/temporal-go $(MAIN_VERSION) probe build -trimpath -buildvcs=false -o $(CURDIR)/$@ .
build/temporal-recorded-%: $(call go-files,hsmtrace recorded)
	@echo "Recording the tests of the real machines, $*."
	@scripts/record $* $@
build/temporal-%: $(call go-files,protocol binding kinds oplog) $$(call go-files,$$*)
	@echo "Building the adapter of the real package, $*."
	@scripts/temporal-go $* $* build -trimpath -buildvcs=false -o $(CURDIR)/$@ .
build/engine-%: $(call go-files,protocol binding kinds oplog framework)
	@echo "Building the adapter of the real history engine, $*: four minutes of processor time if nothing of it is cached."
	@scripts/temporal-go $* framework/$* build -trimpath -buildvcs=false -ldflags=-s -o $(CURDIR)/$@ .
build/rust/release/hsm-memory: $(shell find adapters/rust/src adapters/rust/Cargo.* -type f)
	@echo "Building the adapter of the implementation in Rust."
	@cd adapters/rust && CARGO_TARGET_DIR=$(CURDIR)/build/rust $(CARGO) build --quiet --locked --release && touch $(CURDIR)/$@
$(NODE_MODULES): $(addprefix adapters/typescript/,package.json package-lock.json .npmrc)
	@echo "Installing what the TypeScript code needs."
	@cd adapters/typescript && $(NPM) ci --silent && touch $(CURDIR)/$@
build/typescript/hsm-async: $(NODE_MODULES) $(shell find $(addprefix adapters/typescript/,src tests tsconfig.json) -type f)
	@echo "Building the adapter of the implementation in TypeScript."
	@cd adapters/typescript && $(NPM) run --silent build
	@touch $@
# Exit status 1 is a score that falls short, and a score all the same.
$(SCORE): $(wildcard adapters/python/plain_*/*.py) $(SOURCES) | $(INSTALLED)
	@echo "Scoring the suite by mutants of the bundled implementation, for the book: a few minutes."
	@ARGS= scripts/score $@ >/dev/null || [ $$? -eq 1 ]
build/mutants/temporal.json: $(call go-files,protocol binding kinds oplog mutants $(MAIN_VERSION))
	@echo "Building mutants of the real package, $(MAIN_VERSION)."
	@mkdir -p $(@D) && cd $(TEMPORAL)/mutants && $(GO) run . -go $(GO) -root $(CURDIR) -adapter $(TEMPORAL)/$(MAIN_VERSION) -out $(@D)
