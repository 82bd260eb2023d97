# Everything starts from a bare checkout: each target first runs scripts/setup, which skips what is already there.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo up test lint types unit integration e2e bench bench-detection chaos clean

PYTEST := .venv/bin/python -m pytest
AT_ONCE := -n auto --maxprocesses 4 --dist loadfile

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: ## install what is missing, start everything with real zones and moving visitors, print the address
	@scripts/setup run
	@exec .venv/bin/keepclear demo

up: ## the same without demonstration data: a private installation under var/
	@scripts/setup run
	@exec .venv/bin/keepclear up

test: ## everything CI runs: set-up, lint, types, import contracts and every test
	@scripts/setup test
	@scripts/check lint types web
	@$(PYTEST) $(AT_ONCE)

lint: ## ruff: rules and format
	@scripts/setup test
	@scripts/check lint

types: ## mypy --strict and tsc
	@scripts/setup test
	@scripts/check types web

unit: ## tests without services, in seconds
	@scripts/setup test
	@$(PYTEST) tests/unit tests/test_*.py

integration: ## tests with real PostgreSQL/PostGIS and Mosquitto
	@scripts/setup test
	@$(PYTEST) $(AT_ONCE) tests/integration

e2e: ## tests in a real browser
	@scripts/setup test
	@$(PYTEST) $(AT_ONCE) tests/e2e

bench: ## measure, and print the table of docs/performance.md
	@scripts/setup test
	@.venv/bin/python -m bench

bench-detection: ## how often detection is right, beside the rules of others (docs/detection.md)
	@scripts/setup test
	@.venv/bin/python -m bench.detection

chaos: ## kill worker, broker and database again and again; print what was lost (docs/durability.md)
	@scripts/setup test
	@.venv/bin/python -m bench.chaos

clean: ## leave the checkout as cloned, demonstration data included (.env is kept)
	@scripts/clean
