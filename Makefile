# `make demo` and `make test` need python3 (3.10 or newer), make and git; they set up the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check tests test-clients test-browser coverage bench soak docs clean

demo: $(VENV)/installed
	@$(BIN)/python examples/proxy_demo.py

test: check tests

check: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Most of the tests' time is waiting for processes and sockets; a file's tests stay together.
tests: $(VENV)/ready
	$(BIN)/python -m pytest -n 4 --dist loadfile

# Real agents before a scripted upstream. They are installed from their registries, once into the
# folder that HEADROOM_CLIENTS_DIR names; without it, for this run.
test-clients: $(VENV)/ready
	HEADROOM_TEST_CLIENTS=1 $(BIN)/python -m pytest tests/real_clients

# The dashboard in Chromium, which is to be on the path.
test-browser: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --group browser
	HEADROOM_TEST_BROWSER=1 $(BIN)/python -m pytest tests/browser

# Branch coverage; below the library every branch is to be run by a test.
coverage: $(VENV)/ready
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

# The tables of docs/benchmarks.md. HEADROOM_EVAL_DATA names the folder with the recorded data.
bench: $(VENV)/ready
	$(BIN)/python -m benchmarks

# The proxy under load for a while: memory, files, threads. MINUTES=60 for an hour.
MINUTES ?= 1
soak: $(VENV)/ready
	$(BIN)/python -m benchmarks.soak --minutes $(MINUTES)

docs: $(VENV)/ready
	$(BIN)/python tools/write_cli_docs.py

$(VENV)/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "headroom needs Python 3.10 or newer; try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "python3 cannot make a virtual environment; install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[proxy]'
	$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/ready: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

clean:
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
