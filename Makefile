# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

.DEFAULT_GOAL := help
.SHELLFLAGS := -eu -c
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
PYTHON := $(BIN)/python
BUILD := $(CURDIR)/build
# Which copy of the collection below build/ is meant.
COPY := tree
TREE := $(BUILD)/$(COPY)
COLLECTION := $(TREE)/ansible_collections/icr/access
SETUP := $(VENV)/.set-up

# Nothing here may use a real credential, or meet the login files of whoever runs it.
unexport IC_API_KEY IBMCLOUD_API_KEY IC_IAM_TOKEN IBMCLOUD_IAM_TOKEN ICR_ENDPOINTS
unexport DOCKER_CONFIG REGISTRY_AUTH_FILE XDG_RUNTIME_DIR
# What is compiled is kept: to collect the unit tests takes twice as long without, and so does each start of the sandbox.
unexport PYTHONDONTWRITEBYTECODE

# Ansible's tools see the copy of this collection, the tools of .venv, and a home of their own.
WITH_TOOLS := env PATH="$(BIN):$$PATH" HOME=$(BUILD)/home ANSIBLE_COLLECTIONS_PATH=$(TREE) \
	ANSIBLE_PYTHON_INTERPRETER=$(PYTHON) ANSIBLE_NOCOLOR=1 NO_COLOR=1
IN_COPY := cd $(COLLECTION) && $(WITH_TOOLS)

# What is run as a program of several files, by its name in the copy.
TESTS := ansible_collections.icr.access.tests

TYPED := $(wildcard plugins roles/sandbox/files docs/site tests)

# Three parts of the integration targets, which take longest of all: those that run playbooks of their own, those of
# the cloud modules, and the others.
TARGETS_plays := canary lookup_iam_token playbook_rotate registry_login_short_lived
TARGETS_cloud := cr_apikey cr_apikey_info cr_namespace cr_namespace_info cr_service_id cr_service_id_info \
	cr_token cr_token_info filter_pull_secret
TARGETS_login := $(filter-out setup_% $(TARGETS_plays) $(TARGETS_cloud),$(notdir $(wildcard tests/integration/targets/*)))

# Longest first: what runs side by side then ends soonest.
PARTS := integration-plays units sanity guides integration-cloud integration-login reliability ansible-lint molecule \
	package docs-lint types lint oldest-python

.PHONY: help
help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup: $(SETUP) ## make .venv with all tools (Python 3.11 to 3.13)

# What goes into .venv itself.
INSTALLED := $(addprefix tests/tools/,keep_bytecode.py warm_python.py warm_python_server.py)

$(SETUP): requirements-test.txt $(INSTALLED)
	@for python in python3.11 python3.12 python3.13 python3; do \
	  if "$$python" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	    2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
	  echo "make setup: no Python 3.11, 3.12 or 3.13 with its venv module on PATH; install one (Debian: apt install python3-venv)" >&2; exit 1; \
	fi; \
	[ -x $(BIN)/pip ] || "$$found" -m venv $(VENV); \
	echo "Installing the tools into $(VENV) ..."; \
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements-test.txt; \
	packages=$$($(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); \
	cp $(INSTALLED) "$$packages/"; \
	echo 'import keep_bytecode' >"$$packages/keep_bytecode.pth"; \
	{ echo '#!$(PYTHON) -ISB'; cat tests/tools/warm_python.py; } >$(BIN)/warm-python; \
	chmod +x $(BIN)/warm-python
	@touch $@

.PHONY: copy
copy: $(SETUP)
	@$(PYTHON) tests/tools/lay_out_build.py . $(BUILD) $(COPY)

.PHONY: demo
demo: copy ## see it work: hosts logged in, nothing to do, logged out
	@$(WITH_TOOLS) $(COLLECTION)/playbooks/demo/run

.PHONY: test
test: copy ## everything below that needs no root, side by side
	@$(PYTHON) tests/tools/run_parts.py --build $(BUILD) $(THEN:%=--then %) $(ALONE:%=--alone %) $(PARTS)

.PHONY: format
format: $(SETUP) ## put Python files into the one format
	$(BIN)/ruff check --quiet --fix-only .
	$(BIN)/ruff format .

.PHONY: lint
lint: $(SETUP) ## format and lint of Python and YAML files, licences
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/yamllint --strict .
	$(BIN)/reuse lint --quiet || $(BIN)/reuse lint

.PHONY: types
types: copy ## type check
	cd $(TREE) && MYPYPATH=$(COLLECTION)/roles/sandbox/files $(BIN)/mypy \
	  --config-file $(CURDIR)/pyproject.toml --cache-dir $(BUILD)/mypy $(TYPED:%=ansible_collections/icr/access/%)

.PHONY: ansible-lint
ansible-lint: copy ## ansible-lint at its production profile
	$(IN_COPY) $(PYTHON) $(CURDIR)/tests/tools/run_ansible_lint.py --offline --strict

.PHONY: docs-lint
docs-lint: copy ## documentation of plugins and roles, changelog
	$(IN_COPY) antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=all .
	$(IN_COPY) antsibull-changelog lint

# The pages stay where they are in the repository, so that links between them hold.
SITE := $(BUILD)/docs
SITE_PAGES := CHANGELOG.md CODE_OF_CONDUCT.md CONTRIBUTING.md SECURITY.md docs playbooks roles

PARTS += docs

.PHONY: docs
docs: copy ## the documentation as a site, in build/docs/html
	@rm -rf $(SITE)
	@install -d -m 755 $(SITE)/source/collection
	@cp $(COLLECTION)/README.md $(SITE)/source/index.md
	@cp -r $(SITE_PAGES:%=$(COLLECTION)/%) $(SITE)/source
	$(WITH_TOOLS) antsibull-docs --config-file docs/site/antsibull-docs.cfg collection --use-current \
	  --squash-hierarchy --fail-on-error --dest-dir $(SITE)/source/collection icr.access
	$(WITH_TOOLS) sphinx-build -q -W --keep-going -b html -c docs/site -d $(SITE)/doctrees \
	  $(SITE)/source $(SITE)/html
	$(WITH_TOOLS) pytest tests/docs $(PYTEST_ARGS)

.PHONY: sanity
sanity: copy ## ansible-test sanity, all tests
	$(IN_COPY) $(PYTHON) $(CURDIR)/tests/tools/run_ansible_test.py sanity --requirements --color no

.PHONY: sanity-oldest
sanity-oldest: copy ## of ansible-test sanity what matters on the oldest Python found: compile, import
	set -- $$(cd $(TREE) && $(PYTHON) -m $(TESTS).tools.oldest_python --where); \
	$(IN_COPY) PATH="$$2:$(BIN):$$PATH" $(PYTHON) $(CURDIR)/tests/tools/run_ansible_test.py sanity --requirements --color no \
	  --python "$$1" --test compile --test import

.PHONY: units
units: copy ## unit tests, and IBM's SDK beside ours (PYTEST_ARGS="-k name" for some of them)
	$(WITH_TOOLS) pytest tests/unit tests/sdk -n 2 $(PYTEST_ARGS)

.PHONY: guides
guides: $(SETUP) ## follow the pages of docs/guides on the sandbox
	$(WITH_TOOLS) pytest tests/guides -n 2 $(PYTEST_ARGS)

.PHONY: reliability
reliability: $(SETUP) ## faults, kills, runs at once, hostile input: what fits into a minute or two
	$(WITH_TOOLS) pytest tests/reliability -n 2 $(PYTEST_ARGS)

.PHONY: soak
soak: $(SETUP) ## the same without bounds (takes long)
	$(WITH_TOOLS) pytest tests/reliability -n 2 --soak $(PYTEST_ARGS)

.PHONY: integration integration-plays integration-cloud integration-login
integration: copy ## integration targets on the sandbox (TARGETS="name" for some of them)
	$(IN_COPY) $(PYTHON) $(CURDIR)/tests/tools/run_ansible_test.py integration --color no $(TARGETS)

# Each in a copy of its own, because ansible-test writes into it what another run beside it would read.
integration-plays integration-cloud integration-login: integration-%:
	@$(MAKE) integration COPY=tree-$* TARGETS="$(TARGETS_$*)"

.PHONY: rotation
rotation: copy ## kill icr.access.rotate at every single request in turn (takes half an hour)
	cd $(COLLECTION)/tests/integration/targets && $(WITH_TOOLS) $(PYTHON) -m playbook_rotate --all

.PHONY: molecule
molecule: copy ## molecule's default scenario on the sandbox
	cd $(COLLECTION)/extensions && $(WITH_TOOLS) molecule test --scenario-name default

.PHONY: oldest-python
oldest-python: copy ## host-side files on the oldest Python found
	cd $(TREE) && $(PYTHON) -m $(TESTS).tools.oldest_python

# As root, what it takes to reach this machine through SSH, and to make the lab's Debian 13 for releases that are too
# new for the Python of .venv, is installed, but no service is started.
.PHONY: compatibility compatibility-table
compatibility: copy ## each release of ansible-core, hosts from Python 3.8 on (CORE=2.18 for one; root: Debian 13, too)
	@set --; \
	[ -x /usr/sbin/sshd ] || set -- openssh-server; \
	! command -v apt-get >/dev/null || command -v debootstrap >/dev/null || set -- "$$@" debootstrap; \
	if [ "$$(id -u)" -eq 0 ] && [ $$# -gt 0 ]; then \
	  tests/tools/install_packages "make compatibility" "$$@"; \
	fi
	cd $(TREE) && $(WITH_TOOLS) python -m $(TESTS).compatibility --build $(BUILD)/compatibility \
	  --roots $(BUILD)/lab/cache $(CORE:%=--core %) $(PAGE:%=--page %)

compatibility-table: sanity-oldest ## the same, and the table of README.md from it, if all goes well
	@$(MAKE) compatibility PAGE=$(CURDIR)/README.md

.PHONY: real
real: copy ## push and pull with a real registry and client (needs root)
	HOME=$(BUILD)/home tests/real/run

# Kept apart from the copy, which is laid out anew each time.
LAB := cd $(COLLECTION)/extensions && $(WITH_TOOLS) ICR_LAB_FOLDER=$(BUILD)/lab molecule

.PHONY: lab lab-up lab-down as-root
as-root:
	@if [ "$$(id -u)" -ne 0 ]; then \
	  echo "make lab: needs root, to make file systems of Debian and containers" >&2; exit 1; \
	fi

lab: as-root copy ## real registries, clients and hosts, in containers (needs root)
	$(LAB) test --scenario-name lab

lab-up: as-root copy ## the hosts of the lab, to try things on; again after a change (needs root)
	$(LAB) converge --scenario-name lab

lab-down: as-root copy ## remove the hosts of the lab (needs root)
	$(LAB) destroy --scenario-name lab

.PHONY: bench
bench: copy ## compare what a login costs with a ping (an hour or two; ROWS="core tls" for some, ROUNDS=40 for surer ones)
	cd $(TREE) && $(WITH_TOOLS) python -m $(TESTS).benchmark.logins $(ROWS:%=--rows %) $(ROUNDS:%=--rounds %) --page $(CURDIR)/docs/benchmark.md

.PHONY: bench-check
bench-check: copy ## what `make bench` promises, roughly and with slack (a few minutes, nothing beside it)
	cd $(TREE) && $(WITH_TOOLS) python -m $(TESTS).benchmark.logins --check --rows core --hosts 8 --rounds 6 --slack 0.15

.PHONY: package
package: copy ## build the tarball, install it, look at what is in it
	$(BIN)/pytest tests/package $(PYTEST_ARGS)

# Its versions of the tools are not ours, so that it has a place of its own.
IMPORTER := $(BUILD)/importer

.PHONY: importer
importer: copy ## what Ansible Galaxy checks when a tarball is published (takes a minute or two)
	@rm -f $(IMPORTER)/*.tar.gz
	@[ -x $(IMPORTER)/venv/bin/pip ] || $(PYTHON) -m venv $(IMPORTER)/venv
	@$(IMPORTER)/venv/bin/python -m pip install --quiet --disable-pip-version-check "galaxy-importer >=0.4.44,<0.5"
	$(WITH_TOOLS) ansible-galaxy collection build $(COLLECTION) --output-path $(IMPORTER)
	cd $(IMPORTER) && env PATH="$(IMPORTER)/venv/bin:$$PATH" HOME=$(BUILD)/home \
	  python -m galaxy_importer.main *.tar.gz >log 2>&1 || { cat log; exit 1; }
	@! grep -E '^(WARNING|ERROR)' $(IMPORTER)/log

.PHONY: changelog
changelog: copy ## CHANGELOG.md from changelogs/fragments, for the version in galaxy.yml
	$(IN_COPY) antsibull-changelog release --update-existing
	cp $(COLLECTION)/CHANGELOG.md .
	cp $(COLLECTION)/changelogs/changelog.yaml changelogs/

.PHONY: clean
clean: ## remove everything that was made, .venv included
	@extensions/molecule/lab/bin/engine stop $(BUILD)/lab/engine $(BUILD)/lab/log/dockerd.log
	rm -rf $(BUILD) $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
