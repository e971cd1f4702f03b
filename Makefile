# `make demo` and `make test` are all a new user needs: each makes the virtual environment on its first run.
PYTHON ?= python3
VENV   ?= .venv
READY  := $(VENV)/.ready

.PHONY: help demo test test-older test-variants lint format docs messages bench soak soak-commands dist test-wheel clean

help:
	@echo "make demo    the whole job on two synthetic people, under 5 minutes on 2 cores"
	@echo "make test    the test suite"
	@echo "make test-older     the numeric tests, computed as on an older processor"
	@echo "make test-variants  the numeric tests as on several processors, and the suite on other Pythons"
	@echo "make lint    ruff, the format check, codespell"
	@echo "make docs    write docs/options.md again"
	@echo "make messages  collect the texts of the program into the translation catalogs"
	@echo "make bench   measure this machine: the table and pictures of docs/performance.md, in about 20 minutes"
	@echo "make dist    sdist and wheel into dist/"
	@echo "make test-wheel  install the wheel on Python 3.10 and 3.13 and run it there, about 10 minutes"
	@echo "make soak    the long crash and fuzz tests"
	@echo "make soak-commands  attack every command that writes; the table in docs/reliability.md"

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --upgrade pip
	$(VENV)/bin/python -m pip install --quiet --editable '.[dev]'
	@touch $(READY)

demo: $(READY)
	$(VENV)/bin/dfl demo --workspace demo-workspace

# The suite starts hundreds of programs: their bytecode is kept, whatever the environment says.
PYTEST  = env -u PYTHONDONTWRITEBYTECODE $(VENV)/bin/python -m pytest -n 3 --dist worksteal
NUMERIC = tests/samplers tests/models tests/dfl_cli/merge tests/dfl_cli/faceset tests/dfl_cli/preview

test: $(READY)
	$(PYTEST)

# Without the newer instructions of x86-64, NumPy sorts equal values in another order, OpenCV rounds positions differently, and
# OpenBLAS and TensorFlow add in another order.
NEWER = $(VENV)/bin/python -c 'from numpy._core._multiarray_umath import __cpu_dispatch__ as newer; print(*newer)'

test-older: $(READY)
	NPY_DISABLE_CPU_FEATURES="$$($(NEWER))" OPENCV_CPU_DISABLE=AVX512-SKX,AVX2,AVX,FP16 OPENCV_IPP=sse42 \
	OPENBLAS_CORETYPE=Prescott TF_ENABLE_ONEDNN_OPTS=0 $(PYTEST) $(NUMERIC)

# make test-variants CORES="Haswell SkylakeX" PYTHONS="python3.10 python3.13"
CORES   ?= Haswell Zen Prescott  # kernels of OpenBLAS that this processor can run
PYTHONS ?=

test-variants: test-older
	for core in $(CORES); do \
	  echo "== $$core"; OPENBLAS_CORETYPE=$$core TF_ENABLE_ONEDNN_OPTS=0 $(PYTEST) $(NUMERIC) || exit 1; \
	done
	for python in $(PYTHONS); do \
	  echo "== $$python"; $(MAKE) test PYTHON=$$python VENV=.venv-$$python || exit 1; \
	done

lint: $(READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/codespell

format: $(READY)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

docs: $(READY)
	$(VENV)/bin/python -m dfl_cli.classes.document > docs/options.md

messages: $(READY)
	@mkdir -p build
	$(VENV)/bin/pybabel --quiet extract
	$(VENV)/bin/pybabel --quiet update

bench: $(READY)
	$(VENV)/bin/python benchmarks/run_all.py
	$(VENV)/bin/python docs/pictures/performance.py

soak: $(READY)
	$(VENV)/bin/python -m pytest -m soak

soak-commands: $(READY)
	$(VENV)/bin/python tests/reliability/soak_commands.py --write

# The wheel is built from the sdist, so neither holds what lies around in the checkout.
dist: $(READY)
	rm -rf dist
	$(VENV)/bin/python -m build --outdir dist .

test-wheel: $(READY)
	VENV=$(VENV) PYTHONS="$(PYTHONS)" .ci/wheel

clean:
	rm -rf $(VENV) demo-workspace dist
