# Two commands need nothing but Python 3.11 to 3.13, git and make: `make run` and `make test`.

SHELL := /bin/sh
VENV ?= .venv
WORKERS ?= 2
ROUNDS ?= 500
PY := $(VENV)/bin/python
CODE := citylake
CRASH_TESTS = $(wildcard $(addprefix tests/faults/,kill_points power_cut at_once))

# The default python3 where it will do, else the newest that will: it must be able to make a virtual environment.
FIND_PYTHON = for candidate in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	"$$candidate" -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	2>/dev/null && echo "$$candidate" && break; done

# pip compiles one file after another, this all cores' worth at once. A file for another Python may be among them.
COMPILE = $(PY) -m compileall -qq -j 0 "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" >/dev/null || true

.DEFAULT_GOAL := help
.PHONY: help run whitepaper airflow spark spark-environments test test-spark test-thorough test-quick test-servers test-faults test-crash fuzz reliability test-airflow test-browser test-docs docs screenshots lint bench bench-check \
	bench-peers bundle lock fields fields-native clean

help: ## these lines
	@echo "citylake: make COMMAND"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-22s%s\n", $$1, $$2}'

run: $(VENV)/.installed-run ## set up, then take the demonstration city from its sources to its marts
	@$(PY) -m citylake.infra.city run

whitepaper: $(VENV)/.installed-all ## set up, then the whole city: every system of a white paper on smart cities, and what each shows
	@$(PY) -m citylake.infra.city whitepaper

airflow: $(VENV)/.installed-all ## set up, then Airflow with the demonstration city on this machine, until Ctrl-C
	@exec $(PY) -m citylake.infra.airflow

spark: $(VENV)/.installed-all ## a Spark Connect server (Sail) on this machine, until Ctrl-C (options in SPARK: --server apache)
	@$(PY) -m citylake.infra.spark environments --if-possible
	@exec $(PY) -m citylake.infra.spark serve $(SPARK)

# Beside Great Expectations there must be no pyspark: the client of Spark and its servers have environments below build/spark.
spark-environments: $(VENV)/.installed-all ## what tests and benchmarks of marts on Spark need: 450 MB, the first time only
	@$(PY) -m citylake.infra.spark environments

test: $(VENV)/.installed-all ## set up with everything, then run every test
	@$(PY) -m citylake.infra.spark environments --if-possible
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadscope

test-thorough: $(VENV)/.installed-all ## every test with all its cases, of which the others ask a spread (hours)
	@$(PY) -m citylake.infra.spark environments --if-possible
	@CITYLAKE_TEST_THOROUGH=1 $(PY) -m pytest -q -n $(WORKERS) --dist loadscope

test-quick: $(VENV)/.installed-all ## the tests that need no server, no cluster and no browser: less than a minute
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadscope -m quick

test-servers: $(VENV)/.installed-all ## the tests with PostgreSQL, MariaDB, an S3 or an SFTP server
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadscope -m servers

test-faults: $(VENV)/.installed-all ## the tests that kill processes and break stores, some 60 times
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadscope -m crashes

test-crash: $(VENV)/.installed-all ## thousands of kills, failed writes and runs at once (hours; ROUNDS of each kind)
	@CITYLAKE_CRASH_ROUNDS=$(ROUNDS) $(PY) -m pytest -q -n $(WORKERS) --dist loadscope $(CRASH_TESTS)

fuzz: $(VENV)/.installed-all ## damaged inputs for every reader, for an hour (options in FUZZ: --minutes 600 --reader csv)
	@$(PY) -m tests.fuzz $(FUZZ)

reliability: $(VENV)/.installed-all ## kills, power cuts, bit flips, readers, inputs; counted (options in RELIABILITY: --write)
	@$(PY) -W ignore -m tests.reliability $(RELIABILITY)

test-airflow: $(VENV)/.installed-all ## the tests with a whole Airflow cluster alone, with backfills of fourteen days
	@CITYLAKE_TEST_DAYS=14 $(PY) -m pytest -q -n 0 tests/airflow

test-browser: $(VENV)/.installed-all ## the tests that look at pages in Chromium
	@$(PY) -m pytest -q -n 0 -m browser

test-docs: $(VENV)/.installed-all ## the tests of the pages, the documentation site and the wheel
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadscope -m docs

test-spark: spark-environments ## the tests of marts on Sail and on Apache Spark
	@$(PY) -m pytest -q -n 0 -m spark

docs: $(VENV)/.installed-all ## build the documentation site, build/docs/site/index.html; it reads without a network
	@$(PY) -m citylake.infra.docs

screenshots: $(VENV)/.installed-all ## make the pictures of the READMEs anew (needs Chromium)
	@$(PY) -m citylake.infra.docs.make_screenshots

# Types take as long as all others: they are checked beside them.
lint: $(VENV)/.installed-all ## style, types, the direction of imports, and the declarations
	@$(VENV)/bin/mypy $(CODE) tests benchmarks & types=$$!; \
	( $(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check . && $(VENV)/bin/lint-imports && \
	for file in workspaces/*/workspace.yaml; do $(VENV)/bin/citylake --workspace "$${file%/*}" lint || exit 1; done ); \
	others=$$?; wait $$types && exit $$others

bench: $(VENV)/.installed-all ## measure the core job and its neighbours (some 20 minutes; options in BENCH)
	@$(PY) -m benchmarks.run $(BENCH)

bench-check: $(VENV)/.installed-all ## fail where the core job has become twice as slow as it was
	@$(PY) -m benchmarks.check

bench-peers: $(VENV)/.installed-all ## the same work by other projects, each in its own environment (options in BENCH)
	@$(PY) -m benchmarks.peers $(BENCH)
	@$(PY) -m benchmarks.address --peers
	@$(PY) -m benchmarks.match.peers

bundle: $(VENV)/.installed-all ## one archive that installs where there is no network (options in BUNDLE)
	@$(PY) -m citylake.infra.bundle $(BUNDLE)

lock: ## resolve every dependency anew (needs uv)
	@.ci/lock

fields: $(VENV)/.installed-fields ## compile the C sources (plain CSV, sheets) to WebAssembly, after a change
	@$(PY) -m citylake.infra.fields

fields-native: $(VENV)/.installed-fields ## build a wheel with the same parser as code of this machine, in dist
	@$(PY) -m citylake.infra.fields --native dist

clean: ## remove the environment and every cache; the lake stays
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then \
		echo "citylake needs Python 3.11, 3.12 or 3.13 with its venv module (on Debian and Ubuntu: apt install python3-venv)."; \
		echo "Where it has another name, say so: make run PYTHON=/path/to/python3.12"; exit 1; fi; \
	echo "Making a virtual environment in $(VENV) with $$python"; \
	"$$python" -m venv $(VENV)

# As constraints, too: an older pip, asked by a package for celery[redis], would else look at the newest celery alone.
$(VENV)/.installed-run: requirements-run.lock pyproject.toml | $(PY)
	@echo "Installing citylake and what it needs: about a minute, the first time only"
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements-run.lock -c requirements-run.lock
	@$(COMPILE)
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.installed-all: requirements.lock pyproject.toml | $(PY)
	@echo "Installing citylake, Airflow and the tools for tests: a few minutes, the first time only"
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock -c requirements.lock
	@$(COMPILE)
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@ $(VENV)/.installed-run

$(VENV)/.installed-fields: requirements-fields.lock $(VENV)/.installed-all
	@echo "Installing the compiler of the C sources"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-fields.lock
	@touch $@
