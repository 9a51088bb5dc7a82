# One word for each thing that a person does with this project: `make help` lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# Debug, because `make up` and `make test` then share one build: on 2 cores the dependencies alone take minutes in either
# configuration, and start-up and the sample take the same second. `make up CONFIGURATION=release` for real load.
CONFIGURATION ?= debug
# What `make up` starts, and what it sends through the callbacks once that is ready.
CONFIG ?= ganglion.yaml
SAMPLE ?= data/matrix/sample-calls.jsonl
# Where the sample's events are put, if the configuration has it.
DATABASE ?= run/data/main.db

STAMPS := .build/stamps
DEPS := $(STAMPS)/deps
BUILT := $(STAMPS)/$(CONFIGURATION)
# Folders are among them: their time changes when a file goes away.
# How many schedules `make simulate` runs in each world, beginning with which; WORLD=callbacks, updates or caches runs one world only, and
# SEED=n one schedule of it, and tells what happens.
SEEDS ?= 10000
FIRST ?= 1
SEED ?=
WORLD ?=
SOURCES := Package.swift $(shell find Sources Examples -not -name '.*')
SWIFT_FILES = $(shell find Package.swift $(wildcard Sources Tests Examples Benchmarks) -name '.?*' -prune -o -name '*.swift' -print)

.PHONY: help
help: ## List these commands.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: up
up: $(BUILT) ## Build what changed, start the platform, index the sample's events, send its calls, stay up.
	@scripts/up .build/$(CONFIGURATION) $(CONFIG) $(SAMPLE) $(DATABASE)

.PHONY: test
test: $(DEPS) ## Build and run every test; GANGLION_TEST_DATA names the folder of the large recordings.
	swift build --build-tests
	@# One at a time: many hold something to its deadline, and none may be late because another computes.
	GANGLION_TEST_PYTHON="$$(scripts/prepare-python)" timeout --kill-after=10 1800 swift test --skip-build --disable-xctest --no-parallel

.PHONY: lint
lint: ## Check format, file lengths, compiler features and the README's code.
	@swift format lint --strict --parallel $(SWIFT_FILES)
	@scripts/check-file-lengths $(SWIFT_FILES)
	@scripts/check-upcoming-features Package.swift
	@scripts/check-readme README.md

.PHONY: format
format: ## Rewrite the Swift files in the project's format.
	@swift format --in-place --parallel $(SWIFT_FILES)

.PHONY: fuzz
fuzz: $(DEPS) ## Feed whatever reads bytes of others with invented ones, for SECONDS each, else 600.
	@scripts/fuzz $(or $(SECONDS),600)

.PHONY: bench
bench: $(DEPS) ## Measure calls, HTTP, updates and caches against the bare libraries, SQLite and redis.
	@Benchmarks/run

.PHONY: simulate
simulate: $(DEPS) ## Search for a schedule in which the cores break a promise; SEEDS=100000, or SEED=7 for one in words.
	swift build --configuration release --product simulate
	@SEEDS=$(SEEDS) FIRST=$(FIRST) SEED=$(SEED) WORLD=$(WORLD) .build/release/simulate

.PHONY: build
build: $(BUILT) ## Build the services, the command line and the example modules.

.PHONY: deps
deps: $(DEPS) ## Install the system libraries that are missing.

.PHONY: clean
clean: ## Remove what was built, and the state of a platform that ran here.
	rm -rf .build Benchmarks/.build run

$(DEPS): scripts/install-system-libraries
	@scripts/install-system-libraries
	@mkdir -p $(@D) && touch $@

# make compares times itself, so that nothing is planned, resolved or built when nothing changed. What counts is when the
# build began: a file that is saved meanwhile is built the next time.
$(BUILT): $(DEPS) $(SOURCES)
	@mkdir -p $(@D) && touch $@.began
	swift build --configuration $(CONFIGURATION)
	@mv $@.began $@
