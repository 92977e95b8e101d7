# Needs Python 3.11, 3.12 or 3.13 and make; everything else comes from the package registry, locked.
# `make PYTHON=/path/to/python` chooses the Python, `make JOBS=4` how many processes test.

UV := sh infra/uv.sh
BIN := .venv/bin
JOBS ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)
N ?= 100
# Neighbouring tests stay in one process, so that what a module sets up is mostly set up once.
PARALLEL := -n $(JOBS) --dist worksteal
PACKAGES := catalog data_contracts infra orchestration tests
# Where this is set, every start of `lakehouse` compiles itself anew.
unexport PYTHONDONTWRITEBYTECODE
ifdef PYTHON
export PYTHON
endif

.PHONY: help setup demo test quick lint bench chaos clean
.DEFAULT_GOAL := help

help: ## Show this list.
	@echo 'Smart Lakehouse. Start with: make demo'
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: ## Install everything into .venv/, exactly as uv.lock says.
	@$(UV) sync --frozen $(if $(wildcard $(BIN)/lakehouse),--quiet,--compile-bytecode)

demo: setup ## Load a month of files of a made-up shop; show what came of them.
	@$(BIN)/lakehouse demo

test: setup ## Run every test but the benchmarks; coverage of at least 90%.
	@$(BIN)/pytest $(PARALLEL) -m 'not bench' --cov --cov-report=term:skip-covered --cov-fail-under=90

quick: setup ## Run the fast tests only: for while you work.
	@$(BIN)/pytest $(PARALLEL) -m 'not (bench or chaos or real_data or slow)'

lint: setup ## Check the format, the style, the types, the SQL and the lock.
	@$(UV) lock --check --quiet
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint $(PACKAGES)

# Milliseconds first: gigabytes that were just written would disturb them.
bench: setup ## Run the benchmarks and print their figures, on a quiet machine.
	@$(BIN)/pytest -m bench -s $(addprefix tests/benchmarks/test_,small.py sql.py load.py changes.py dlt.py databases.py databases_dlt.py databases_memory.py maintain.py large.py backup.py)

chaos: setup ## Kill loads at random steps, N=1000 times; check what is left.
	@LAKEHOUSE_CHAOS_N=$(N) $(BIN)/pytest $(PARALLEL) -m chaos

clean: ## Remove what was built, .venv/ too; the lake, .lakehouse/, stays.
	@rm -rf .venv .uv .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov dist build *.egg-info
	@find $(PACKAGES) -name __pycache__ -type d -prune -exec rm -rf {} +
	@if [ -d .lakehouse ]; then echo 'Left as it is: .lakehouse, the lake and its data. To remove it too: rm -r .lakehouse'; fi
