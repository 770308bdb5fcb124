SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

# Where `make run` keeps its data, and where it listens.
DATA ?= data
LISTEN ?= 127.0.0.1:8080
# What `make bench` measures, as words for `sportello bench`.
BENCH ?= intake
# The year that `make year` plays: one request in so many of 25,000, and the seed.
YEAR_SCALE ?= 1
YEAR_SEED ?= 41
# What `make bench-channels` measures, as words of docs/measures.md; empty: all.
CHANNEL ?=

CARGO_TARGET_DIR := $(abspath $(or $(CARGO_TARGET_DIR),target))
export CARGO_TARGET_DIR
# rustup adds itself to login shells only.
export PATH := $(PATH):$(HOME)/.cargo/bin

SPORTELLO := $(CARGO_TARGET_DIR)/release/sportello
ASSETS := web/node_modules/.assets-built
BROWSER_MODULES := tests/browser/node_modules/.package-lock.json
SMSC_MODULES := tests/peers/smsc/node_modules/.package-lock.json
# The style sheets keep only the classes that templates and Rust sources mention.
WEB_SOURCES := $(shell find web src -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*')

BUILD_PACKAGES := gcc libc6-dev ca-certificates
TEST_PACKAGES := postgresql dovecot-imapd dovecot-lmtpd python3-aiosmtpd kannel kannel-extras chromium \
	fonts-liberation openssl procps tesseract-ocr tesseract-ocr-ita tesseract-ocr-eng poppler-utils libtiff-tools \
	zbar-tools curl hylafax-server hylafax-client ghostscript \
	kamailio kamailio-extra-modules kamailio-json-modules kamailio-tls-modules kamailio-utils-modules sip-tester \
	baresip-core

# $(call install,packages): installs those that are missing, by apt; elsewhere only says their names.
define install
missing=(); \
for package in $(1); do \
	state=$$(dpkg-query --show --showformat '$${db:Status-Status}' $$package 2>/dev/null || true); \
	[[ $$state == installed ]] || missing+=($$package); \
done; \
if ! command -v apt-get >/dev/null; then \
	echo "Not a Debian system: these must be there already: $(1)" >&2; \
elif (($${#missing[@]})); then \
	root=(); \
	if ((EUID != 0)); then \
		command -v sudo >/dev/null || { echo "Install as root: apt-get install $${missing[*]}" >&2; exit 1; }; \
		root=(sudo); \
	fi; \
	apt=("$${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=400); \
	echo "Installing $${missing[*]}"; \
	"$${apt[@]}" update; \
	"$${apt[@]}" install --no-install-recommends "$${missing[@]}"; \
fi
endef

.PHONY: help
help: ## Shows this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo "Variables: DATA=$(DATA) LISTEN=$(LISTEN) CARGO_TARGET_DIR=$(CARGO_TARGET_DIR)"

# A database named in the caller's environment must not receive the demo agency.
EMBEDDED = env -u DATABASE_URL -u SPORTELLO__DATABASE__URL \
	SPORTELLO__SERVER__PUBLIC_URL="$${SPORTELLO__SERVER__PUBLIC_URL:-http://$(LISTEN)}" \
	SPORTELLO__LOG__FORMAT="$${SPORTELLO__LOG__FORMAT:-text}"

.PHONY: run
run: build ## Builds, loads the demo agency on first start, serves it and prints the logins
	$(EMBEDDED) $(SPORTELLO) demo --data $(DATA)
	exec $(EMBEDDED) $(SPORTELLO) serve --data $(DATA) --listen $(LISTEN)

.PHONY: build
build: build-tools $(ASSETS) ## Builds the web assets and the release binary
	cargo build --release --locked
	@echo "Built $(SPORTELLO)"

.PHONY: test
test: test-rust test-browser ## Runs every test, with real mail, SMS, fax and SIP servers, PostgreSQL and a browser

.PHONY: test-rust
test-rust: build-tools test-components $(ASSETS) $(SMSC_MODULES) ## Runs the tests in Rust only
	cargo test --workspace --locked --no-fail-fast

.PHONY: year
year: build-tools test-components $(ASSETS) ## Plays a year of the network and audits it (YEAR_SCALE=5 YEAR_SEED=7)
	YEAR_SCALE=$(YEAR_SCALE) YEAR_SEED=$(YEAR_SEED) \
		cargo test --locked --test simulate a_whole_year -- --ignored --nocapture --test-threads=1

.PHONY: test-browser
test-browser: build-tools test-components $(ASSETS) $(BROWSER_MODULES) ## Runs the journeys in the browser only
	cargo build --workspace --bins --locked
	npm --prefix tests/browser test

.PHONY: check
check: build-tools $(ASSETS) ## Checks format and lints
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	npm --prefix web run --if-present check

.PHONY: audit
audit: ## Checks dependencies against advisories, licences and bans (needs the network)
	@cargo deny --version >/dev/null 2>&1 || \
		{ echo "cargo-deny is missing; install it with: cargo install --locked cargo-deny" >&2; exit 1; }
	cargo deny --locked check

.PHONY: bench
bench: build ## Measures the release binary (BENCH=intake)
	$(SPORTELLO) bench $(BENCH)

.PHONY: bench-channels
bench-channels: build-tools test-components $(ASSETS) ## Measures channels beside their peers (CHANNEL=sms)
	cargo bench --locked --bench channels -- $(CHANNEL)

.PHONY: screenshots
screenshots: build test-components $(BROWSER_MODULES) ## Takes the README's screenshots again
	SPORTELLO_BIN=$(SPORTELLO) npm --prefix tests/browser run screenshots

.PHONY: clean
clean: ## Removes everything built; keeps DATA
	cargo clean
	rm -rf web/dist web/node_modules tests/browser/node_modules tests/browser/results tests/peers/smsc/node_modules

.PHONY: build-tools
build-tools:
	@$(call install,$(BUILD_PACKAGES))
	@command -v cargo >/dev/null || { echo "Rust is missing: see https://rustup.rs" >&2; exit 1; }
	@command -v node >/dev/null && command -v npm >/dev/null || \
		{ echo "Node (20 or newer) and npm are missing: apt-get install nodejs npm, or see https://nodejs.org" >&2; exit 1; }
	@node --eval 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || \
		{ echo "Node is $$(node --version), and 20 or newer is needed: see https://nodejs.org" >&2; exit 1; }

.PHONY: test-components
test-components:
	@$(call install,$(TEST_PACKAGES))

# Built again when a source is newer, or when the result was removed.
.PHONY: rebuild-assets
$(ASSETS): web/node_modules/.package-lock.json $(WEB_SOURCES) $(if $(wildcard web/dist/*),,rebuild-assets)
	npm --prefix web run build
	@touch $@

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	npm --prefix web ci --no-audit --no-fund
	@touch $@

$(BROWSER_MODULES): tests/browser/package.json tests/browser/package-lock.json
	PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm --prefix tests/browser ci --no-audit --no-fund
	@touch $@

$(SMSC_MODULES): tests/peers/smsc/package.json tests/peers/smsc/package-lock.json
	npm --prefix tests/peers/smsc ci --no-audit --no-fund
	@touch $@
