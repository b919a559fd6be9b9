# Needs python3 (3.11 or later) and make; Go for the real package, cargo for the implementation in Rust.

PYTHON ?= python3
GO ?= go
CARGO ?= cargo
# More arguments: for hsmspec in conformance*, for pytest in test. Example: make conformance ARGS="--budget quick"
ARGS ?=

VERSIONS := v1.25.1 v1.27.3 v1.30.4 v1.32.2
MAIN_VERSION := v1.25.1
# Temporal's own machines are compiled with these alone, unless asked for more: it takes minutes for each of them.
RECORDED := $(MAIN_VERSION) v1.32.2
# A version that needs a newer Go than the oldest one supported names it; Go fetches it like a module.
TOOLCHAIN_v1.32.2 := go1.27.3

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/stamp-installed
DEVELOPING := $(VENV)/stamp-developing
COMPILED := build/compiled/stamp
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

TEMPORAL := adapters/temporal
HAVE_GO := $(shell command -v $(GO) 2>/dev/null)
GO_SHARED := $(shell find $(addprefix $(TEMPORAL)/,protocol binding oplog) -name '*.go' -o -name 'go.*')
GO_RECORDED := $(shell find $(addprefix $(TEMPORAL)/,hsmtrace recorded) -name '*.go' -o -name 'go.*')
GO_MUTANTS := $(shell find $(TEMPORAL)/mutants -name '*.go' -o -name 'go.*')
# As seen from a version's module: its own packages and those of the shared modules that it replaces.
GO_PACKAGES := hsmspec/...
go-with = $(if $(TOOLCHAIN_$(1)),GOTOOLCHAIN=$(TOOLCHAIN_$(1))) $(GO)
RUST := adapters/rust
HAVE_CARGO := $(shell command -v $(CARGO) 2>/dev/null)
RUST_ADAPTER := build/rust/release/hsm-memory
cargo = cd $(RUST) && CARGO_TARGET_DIR=$(CURDIR)/build/rust $(CARGO)
# What the suite makes of the mutants of the bundled implementation; the book says it of each requirement.
SCORE := build/score.json
PACKAGES := model/hsm_model specs/hsm_specs diagrams/hsm_diagrams

define newline


endef

.DELETE_ON_ERROR:
.SECONDEXPANSION:
.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# --- what to run ------------------------------------------------------------------------------------------------------

.PHONY: conformance
conformance: $(INSTALLED) ## judge the real Go package, v1.25.1, and the bundled Python implementation
	+@worst=0; $(call judge-temporal,$(MAIN_VERSION),2); $(judge-python); exit $$worst

.PHONY: conformance-all
conformance-all: $(INSTALLED) ## judge every version of the real package that can be built, and the bundled ones
	+@worst=0; $(foreach version,$(VERSIONS),$(call judge-temporal,$(version),0);) $(judge-rust); $(judge-python); \
	exit $$worst

.PHONY: test
test: $(DEVELOPING) ## run the whole test suite (with the real package where Go is)
	+@worst=0; $(call build-temporal,$(MAIN_VERSION),2); $(call build-temporal,probe,2); \
	$(call build-temporal,recorded-$(MAIN_VERSION),2); \
	$(build-rust); $(BIN)/pytest --numprocesses auto --dist loadgroup $(ARGS) || worst=$$?; exit $$worst

.PHONY: lint
lint: $(DEVELOPING) ## check style and formatting of the Python code
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: format
format: $(DEVELOPING) ## format the Python, the Go and the Rust code
	$(BIN)/ruff format
	$(if $(HAVE_GO),gofmt -l -w $(TEMPORAL))
	$(if $(HAVE_CARGO),cd $(RUST) && $(CARGO) fmt)

.PHONY: types
types: $(DEVELOPING) ## check the types of the three packages, with mypy and pyright
	$(BIN)/mypy
	$(BIN)/pyright

.PHONY: architecture
architecture: $(DEVELOPING) ## check who imports whom
	PYTHONPATH=adapters/python $(BIN)/lint-imports

.PHONY: go
go: ## check formatting of the Go modules, vet and test them
	@unformatted=$$(gofmt -l $(TEMPORAL)); [ -z "$$unformatted" ] || { echo "not formatted:" $$unformatted; exit 1; }
	$(foreach version,$(VERSIONS),cd $(TEMPORAL)/$(version) && $(call go-with,$(version)) vet $(GO_PACKAGES) \
		&& $(call go-with,$(version)) test -count=1 $(GO_PACKAGES)$(newline))
	cd $(TEMPORAL)/mutants && $(GO) vet ./... && $(GO) test ./...
	cd $(TEMPORAL)/probe && $(GO) vet ./... && $(GO) test ./...
	cd $(TEMPORAL)/hsmtrace && $(GO) vet ./... && $(GO) test ./...
	cd $(TEMPORAL)/recorded && $(GO) vet ./... && $(GO) test ./...
	$(foreach version,$(filter-out $(MAIN_VERSION),$(RECORDED)),cd $(call recorded-in,$(version)) && $(call go-with,$(version)) vet \
		$(call recorded-tags,$(version)) hsmspec/adapters/temporal/recorded hsmspec/adapters/temporal/hsmtrace/generation$(newline))

.PHONY: recorded
recorded: $(INSTALLED) ## judge what tests of Temporal's own machines recorded with hsmtrace, at two versions
	+@worst=0; $(foreach version,$(RECORDED),$(call judge-recorded,$(version));) exit $$worst

.PHONY: recorded-all
recorded-all: ## the same at each version that the suite runs against
	+@$(MAKE) --no-print-directory recorded RECORDED="$(VERSIONS)"

.PHONY: rust
rust: ## check formatting of the Rust crate, lint it, run its tests, the vectors among them
ifdef HAVE_CARGO
	cd $(RUST) && $(CARGO) fmt --check
	$(cargo) clippy --quiet --locked --release --all-targets -- --deny warnings
	$(cargo) test --quiet --locked --release
else
	@echo "Cargo is not installed: leaving out the Rust crate."; exit $(if $(CI),2,0)
endif

.PHONY: mutants
mutants: $(INSTALLED) ## score the suite by mutants of the bundled Python implementation
	@mkdir -p $(dir $(SCORE))
	@PYTHONPATH=adapters/python $(BIN)/python -m plain_mutants --manifest | $(BIN)/hsmspec mutants --json $(SCORE) $(ARGS) -

.PHONY: mutants-temporal
mutants-temporal: $(INSTALLED) build/mutants/temporal.json ## score the suite by mutants of the real package (needs Go)
	$(BIN)/hsmspec mutants --require score --budget default $(ARGS) build/mutants/temporal.json

.PHONY: bench
bench: $(COMPILED) ## measure the model, the suite and the start-up, as ratios, to docs/figures.md
	+@worst=0; $(call build-temporal,$(MAIN_VERSION),0); PYTHONPATH=$(dir $(COMPILED)) $(BIN)/python bench \
		--json build/bench.json --table docs/figures.md $(ARGS)

.PHONY: compiled
compiled: $(COMPILED) ## compile the model with mypyc and check that it says what it says uncompiled
	+@worst=0; $(call build-temporal,$(MAIN_VERSION),0); bash .ci/compiled $(BIN)/python $(dir $(COMPILED)) $$built

.PHONY: wheel
wheel: $(DEVELOPING) ## build the wheel, check what it contains and try it in an empty environment
	bash .ci/wheel $(BIN)/python

.PHONY: protocol
protocol: $(DEVELOPING) ## write PROTOCOL.md and the JSON Schema anew, from the types of the messages
	$(BIN)/python -m hsm_specs.protocol

.PHONY: vectors
vectors: $(INSTALLED) ## write specs/vectors anew: programs with the model's observations
	$(BIN)/hsmspec vectors --output specs/vectors \
		$(foreach version,$(VERSIONS),--deviations $(TEMPORAL)/$(version)/deviations.toml)

.PHONY: gallery
gallery: $(DEVELOPING) ## draw the pictures of diagrams/gallery anew, from the executed model
	$(BIN)/python -m hsm_diagrams.gallery diagrams/gallery

.PHONY: book
book: $(DEVELOPING) $(SCORE) ## write the specification as pages for a browser, to build/book
	rm -rf build/book
	$(BIN)/hsmspec book --output build/book --gallery diagrams/gallery --mutants $(SCORE) \
		$(VERSIONS:%=--deviations $(TEMPORAL)/%/deviations.toml)

.PHONY: fixtures
fixtures: $(DEVELOPING) build/temporal-$(MAIN_VERSION) ## have the real package write the fixtures of the tests anew
	$(BIN)/python tests/model/fixtures/write.py build/temporal-$(MAIN_VERSION)

.PHONY: constraints
constraints: ## renew constraints.txt: the newest versions that go together
	rm -rf build/constraints
	$(PYTHON) -m venv build/constraints
	build/constraints/bin/pip install --quiet --upgrade pip
	build/constraints/bin/pip install --quiet --editable '.[dask,diagrams,stateful]' --group dev
	{ sed -n '/^#/p' constraints.txt; build/constraints/bin/pip freeze --all --exclude-editable; } >build/constraints.txt
	mv build/constraints.txt constraints.txt
	rm -rf build/constraints

.PHONY: clean
clean: ## remove everything that make made
	rm -rf $(VENV) build dist .hsmspec .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find $(PACKAGES) adapters tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- how --------------------------------------------------------------------------------------------------------------

# $(call build-temporal,VERSION,STATUS): builds an adapter, or says in a line why not; then, and in CI always, a failed
# build counts: `worst` becomes STATUS, in CI 2. Not having Go counts in CI only. Sets `built` to what was built.
define build-temporal
built=; if [ -z "$(HAVE_GO)" ]; then \
	echo "Go is not installed: leaving out the real package, $(1)."; worst=$(if $(CI),2,$$worst); \
elif $(MAKE) --silent --no-print-directory build/temporal-$(1); then \
	built=build/temporal-$(1); \
else \
	echo "The adapter of the real package, $(1), cannot be built: leaving it out."; \
	[ $(if $(CI),2,$(2)) -le $$worst ] || worst=$(if $(CI),2,$(2)); \
fi
endef

# Where the tests of the real machines are compiled with a version, and how.
recorded-in = $(TEMPORAL)/recorded$(if $(filter-out $(MAIN_VERSION),$(1)),/$(1))
recorded-tags = $(if $(filter-out $(MAIN_VERSION),$(1)),-tags oplog)

# The same for the implementation in Rust.
define build-rust
built=; if [ -z "$(HAVE_CARGO)" ]; then \
	echo "Cargo is not installed: leaving out the implementation in Rust."; worst=$(if $(CI),2,$$worst); \
elif $(MAKE) --silent --no-print-directory $(RUST_ADAPTER); then \
	built=$(RUST_ADAPTER); \
else \
	echo "The implementation in Rust cannot be built: leaving it out."; worst=$(if $(CI),2,$$worst); \
fi
endef

# $(call judge,NAME,ARGUMENTS): runs the suite and keeps the worst exit status in `worst`.
define judge
echo; echo "$(1)"; status=0; $(BIN)/hsmspec run $(ARGS) $(2) || status=$$?; [ $$status -le $$worst ] || worst=$$status
endef

define judge-temporal
$(call build-temporal,$(1),$(2)); if [ -n "$$built" ]; then \
	$(call judge,The real Go package $(1),--deviations $(TEMPORAL)/$(1)/deviations.toml -- $$built); \
fi
endef

define judge-recorded
$(call build-temporal,recorded-$(1),$(if $(filter $(MAIN_VERSION),$(1)),2,0)); if [ -n "$$built" ]; then status=0; \
	echo; echo "Recorded with the real Go package $(1)"; $(BIN)/hsmspec judge $(ARGS) \
	--deviations $(TEMPORAL)/$(1)/deviations.toml $$built/*.jsonl || status=$$?; [ $$status -le $$worst ] || worst=$$status; fi
endef

define judge-rust
$(build-rust); if [ -n "$$built" ]; then $(call judge,The bundled Rust implementation,-- $$built); fi
endef

judge-python = $(call judge,The bundled Python implementation,-- env PYTHONPATH=adapters/python $(BIN)/python -m plain_hsm.adapter)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed.")'
	@echo "Making the virtual environment $(VENV)."
	@$(PYTHON) -m venv $(VENV)

# The backend is installed first and used as it is: pinned, and fetched once.
$(INSTALLED): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing hsmspec."
	@$(PIP) install --constraint constraints.txt pip hatchling editables
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable .
	@touch $@

$(DEVELOPING): $(INSTALLED)
	@echo "Installing what development needs."
	@$(PIP) install --constraint constraints.txt --group dev
	@touch $@

# What hsmspec is when HSMSPEC_COMPILE is set while it is installed.
$(COMPILED): hatch_build.py pyproject.toml $(shell find model/hsm_model specs/hsm_specs -name '*.py') | $(DEVELOPING)
	@echo "Compiling hsmspec."
	@rm -rf $(@D) && mkdir -p $(@D)
	@HSMSPEC_COMPILE=1 $(PIP) install --no-build-isolation --no-deps --target $(@D) .
	@touch $@

build/temporal-probe: $(wildcard $(TEMPORAL)/probe/*.go $(TEMPORAL)/probe/go.*)
	@echo "Building the probe of the real machines, $(MAIN_VERSION)."
	@mkdir -p $(@D)
	@cd $(TEMPORAL)/probe && $(GO) build -trimpath -buildvcs=false -o $(CURDIR)/$@ .

# A folder of traces; those of the tests that break something on purpose are apart. The tests of hsmtrace are of the main
# version.
build/temporal-recorded-%: $(GO_RECORDED)
	@echo "Recording the tests of the real machines, $*."
	@rm -rf $@ $@.part && mkdir -p $(@D)
	$(if $(filter $(MAIN_VERSION),$*),@cd $(TEMPORAL)/hsmtrace && HSMTRACE=$(CURDIR)/$@.part $(GO) test -count=1 .)
	@cd $(call recorded-in,$*) && $(call go-with,$*) test -c -o $(CURDIR)/$@.test $(call recorded-tags,$*) \
		hsmspec/adapters/temporal/recorded
	@HSMTRACE=$(CURDIR)/$@.part $@.test -test.skip '^TestWrong$$'
	@HSMTRACE=$(CURDIR)/$@.part/wrong $@.test -test.run '^TestWrong$$'
	@rm $@.test && mv $@.part $@ && touch $@

build/temporal-%: $(GO_SHARED) $$(wildcard $(TEMPORAL)/$$*/*.go $(TEMPORAL)/$$*/go.*)
	@echo "Building the adapter of the real package, $*."
	@mkdir -p $(@D)
	@cd $(TEMPORAL)/$* && $(call go-with,$*) build -trimpath -buildvcs=false -o $(CURDIR)/$@ .

$(RUST_ADAPTER): $(wildcard $(RUST)/Cargo.* $(RUST)/src/*.rs $(RUST)/src/*/*.rs)
	@echo "Building the adapter of the implementation in Rust."
	@$(cargo) build --quiet --locked --release
	@touch $@

# Exit status 1 is a score that falls short, and a score all the same.
$(SCORE): $(wildcard adapters/python/plain_*/*.py) $(shell find model/hsm_model specs/hsm_specs -name '*.py') | $(INSTALLED)
	@echo "Scoring the suite by mutants of the bundled implementation, for the book: a few minutes."
	@mkdir -p $(@D)
	@PYTHONPATH=adapters/python $(BIN)/python -m plain_mutants --manifest \
		| $(BIN)/hsmspec mutants --json $@ - >/dev/null || [ $$? -eq 1 ]

build/mutants/temporal.json: $(GO_SHARED) $(GO_MUTANTS) $(wildcard $(TEMPORAL)/$(MAIN_VERSION)/*.go $(TEMPORAL)/$(MAIN_VERSION)/go.*)
	@echo "Building mutants of the real package, $(MAIN_VERSION)."
	@mkdir -p $(@D)
	@cd $(TEMPORAL)/mutants && $(GO) run . -go $(GO) -root $(CURDIR) -adapter $(TEMPORAL)/$(MAIN_VERSION) -out $(@D)
