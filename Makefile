# The verbs: demo, test, test-train, check, bench, docs, serve. Each builds what it needs first.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
SOURCES := src tests bench gallery conftest.py

.PHONY: demo test test-train check bench docs serve audit fuzz lock clean

demo: .venv/run.stamp            ## the main job on real pictures
	$(BIN)/python gallery/demo.py demo-output

# Some tests look at signals, threads and clocks: one that failed beside others is tried once more, alone.
test: .venv/dev.stamp            ## every test
	$(BIN)/python -m pytest -n auto --doctest-modules src tests || \
	  $(BIN)/python -m pytest --last-failed --last-failed-no-failures none --doctest-modules src tests

test-train: .venv-train/stamp    ## the tests that need torch
	.venv-train/bin/python -m pytest -n auto tests/training tests/runtimes \
	  tests/evaluation/test_boundaries.py tests/apps/test_programs.py

check: .venv/dev.stamp           ## style, types, import contracts, spelling
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell src tests bench gallery docs changelog.d .github *.md Makefile pyproject.toml

bench: .venv/dev.stamp .venv-rivals/stamp .venv-train/stamp   ## every benchmark, side by side with its rival
	$(BIN)/python bench/all.py

docs: .venv/dev.stamp            ## the documentation, into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

serve: .venv/dev.stamp           ## the service with its studio and live pages
	$(BIN)/pixelwise serve

audit: .venv/dev.stamp           ## known vulnerabilities of the locked packages
	$(BIN)/python .ci/audit.py requirements/run.txt

fuzz: .venv/dev.stamp            ## five minutes of random input against the parsers
	$(BIN)/python -m pytest tests -m fuzz --hypothesis-profile=fuzz -p no:cacheprovider
	$(BIN)/python tests/fuzzing/annotations.py -max_total_time=300

lock: .venv/dev.stamp            ## resolve the requirement files anew
	for name in run dev train rivals; do \
	  $(BIN)/uv pip compile -q --python $(BIN)/python --no-header --generate-hashes \
	    --override requirements/overrides.txt requirements/$$name.in -o requirements/$$name.txt || exit 1; done

clean:
	rm -rf .venv .venv-train .venv-rivals demo-output site dist build .mypy_cache .ruff_cache .pytest_cache

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements/run.txt pyproject.toml | .venv/bin/python
	$(PIP) install -q --require-hashes --no-deps -r requirements/run.txt
	$(PIP) install -q --no-deps --no-build-isolation -e .
	touch $@

.venv/dev.stamp: requirements/dev.txt pyproject.toml | .venv/bin/python
	$(PIP) install -q --require-hashes --no-deps -r requirements/dev.txt
	$(PIP) install -q --no-deps --no-build-isolation -e .
	touch $@ .venv/run.stamp

.venv-train/stamp: requirements/train.txt pyproject.toml
	$(PYTHON) -m venv .venv-train
	.venv-train/bin/python -m pip install -q --require-hashes --no-deps -r requirements/train.txt
	.venv-train/bin/python -m pip install -q --no-deps --no-build-isolation -e .
	touch $@

.venv-rivals/stamp: requirements/rivals.txt
	$(PYTHON) -m venv .venv-rivals
	.venv-rivals/bin/python -m pip install -q --require-hashes --no-deps -r requirements/rivals.txt
	echo "$(CURDIR)/src" > $$(.venv-rivals/bin/python -c "import site; print(site.getsitepackages()[0])")/pixelwise.pth
	touch $@
