# Two commands: `make demo` and `make test`. Both find or install PostgreSQL 15+ and keep a private cluster of their own.

TARGET := $(or $(CARGO_TARGET_DIR),target)
NEXTEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo yes)
TESTS := $(if $(NEXTEST),cargo nextest run --workspace --no-fail-fast --no-tests=pass,cargo test --workspace --no-fail-fast)
# The whole workspace's features, as the tests have them: with `-p quartermaster-api` a part of the dependencies would be built twice.
BINARY := cargo build --workspace --bin quartermaster
UNITS := -p quartermaster-domain -p quartermaster-tenants -p quartermaster-migrations -p quartermaster-demo
UNIT_TESTS := $(if $(NEXTEST),cargo nextest run $(UNITS) --lib --no-tests=pass,cargo test $(UNITS) --lib)

.PHONY: help demo demo-reset example test test-clients test-faults check fmt schema golden release bench compiler

help:
	@echo 'make demo        a small retail world with a server in front of it; Ctrl-C stops it, the next start resumes'
	@echo 'make demo-reset  forgets that world'
	@echo 'make example     the example app of examples/orders in front of `make demo`; needs Node.js 20'
	@echo 'make test        everything that must hold: format, lints, licences, all tests against a private PostgreSQL'
	@echo 'make test-clients  the clients that people use, against a server: Relay, Apollo, urql, codegen, gateways, Python'
	@echo 'make test-faults 500 kills of server and database under load; nothing answered is lost, nothing done twice (a quarter of an hour)'
	@echo 'make check       the fast part, for while you write: format, lints, unit tests; no database'
	@echo 'make fmt         formats the code'
	@echo 'make schema      writes schema.graphql anew, after a change of the API'
	@echo 'make golden      writes the golden files anew; read the difference before you commit it'
	@echo 'make release     writes down what this version is (tests/release), for the upgrades of the next: when a release is made'
	@echo 'make bench       measures against pgbench and writes bench/RESULTS.md'
	@echo
	@echo 'One test: scripts/postgres-run --ephemeral -- cargo test -p quartermaster-tests NAME'
	@echo 'Your own database: set DATABASE_OWNER_URL, DATABASE_APP_URL and DATABASE_RELAY_URL.'

demo: compiler
	$(BINARY)
	@scripts/postgres-run --data .quartermaster/demo -- $(TARGET)/debug/quartermaster demo

demo-reset:
	@scripts/postgres-run --forget .quartermaster/demo

example:
	cd examples/orders && npm ci && npm start

check: compiler
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	$(UNIT_TESTS)

test: compiler
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	scripts/deny
	@scripts/deployment-tools >/dev/null || test $$? = 75
	@scripts/postgres-run --ephemeral -- $(TESTS)

test-clients: compiler
	$(BINARY)
	tests/clients/run $(TARGET)/debug/quartermaster

# FAULTS_KILLS is how many kills, FAULTS_SEED which ones: the test prints them.
test-faults: compiler
	cargo test -p quartermaster-tests -- --ignored --exact --nocapture \
	  faults::killed::killed_five_hundred_times_it_loses_nothing_that_was_answered_and_does_nothing_twice

fmt:
	cargo fmt --all

schema: compiler
	$(BINARY) --quiet
	$(TARGET)/debug/quartermaster schema > $(TARGET)/schema.graphql
	mv $(TARGET)/schema.graphql schema.graphql

golden: compiler
	@INSTA_UPDATE=always UPDATE_GOLDEN=1 scripts/postgres-run --ephemeral -- $(TESTS)

release: compiler
	@scripts/postgres-run --ephemeral -- cargo test -p quartermaster-tests -- --ignored --exact upgrades::keep::what_this_version_is

bench: compiler
	bench/run

compiler:
	@scripts/need-compiler
