# The platforms that the extension has to run on, each with a command of its own. They take
# longer than `make test` may, which leaves them out.

.PHONY: test-collaboration test-studio test-hub test-notebook7 test-matrix

PLAYWRIGHT := cd ui-tests && jlpm types && jlpm playwright test

# With one person in the room; `make test` has what takes two.
test-collaboration: $(STAMPS)/test $(STAMPS)/browser $(STAMPS)/collaboration
	$(PLAYWRIGHT) --project=collaboration-run

test-studio: $(STAMPS)/test $(STAMPS)/browser $(STAMPS)/collaboration
	$(PLAYWRIGHT) --project=studio --project=studio-collaboration

test-hub: $(STAMPS)/test $(STAMPS)/browser $(STAMPS)/hub
	$(PLAYWRIGHT) --project=hub

test-notebook7: $(STAMPS)/test $(STAMPS)/browser $(STAMPS)/notebook7
	$(PLAYWRIGHT) --project=notebook7

# Each application has a virtual environment of its own, with the panel open at the start.
define environment
	$(PYTHON) -m venv $(1)
	$(1)/bin/python -m pip install --quiet --editable '.[lab]' $(2)
	mkdir -p $(1)/share/jupyter/lab/settings
	cp $(VENV)/share/jupyter/lab/settings/overrides.json $(1)/share/jupyter/lab/settings
endef

# In a variable a comma divides no arguments.
COLLABORATION := 'jupyter-collaboration>=4,<6'
HUB           := 'jupyterhub>=5'
NOTEBOOK7     := 'notebook>=7.4,<8'

# jupyter-collaboration is what lets several people edit one notebook.
$(STAMPS)/collaboration: pyproject.toml $(STAMPS)/lab
	$(call environment,.venv-collab,$(COLLABORATION))
	touch $@

# The hub's proxy is a program of Node.js.
$(STAMPS)/hub: pyproject.toml $(STAMPS)/lab
	$(call environment,.venv-hub,$(HUB))
	npm install --silent --no-save --prefix .venv-hub configurable-http-proxy
	touch $@

$(STAMPS)/notebook7: pyproject.toml $(STAMPS)/lab
	$(call environment,.venv-notebook7,$(NOTEBOOK7))
	touch $@

# One wheel on several Pythons and JupyterLabs. PYTHONS= and LABS= choose among the cells:
# `make test-matrix PYTHONS=3.12 LABS=` is one.
PYTHONS ?= 3.10 3.11 3.12 3.13
LABS    ?= 4.4.10 4.5.10 4.6

test-matrix: $(STAMPS)/test $(STAMPS)/tools $(STAMPS)/browser
	$(BIN)/python .ci/matrix.py --pythons $(PYTHONS) --labs $(LABS)
