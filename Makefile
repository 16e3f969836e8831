# `make` lists the targets. GNU make 3.81 (macOS) or later.

VENV ?= .venv
LAB_FLAGS ?=
TEST_FLAGS ?=
SITE_FLAGS ?=

python := $(VENV)/bin/python
ready := $(VENV)/.ready
allow_root = $(if $(filter 0,$(shell id -u)),--allow-root)
versions := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

.DEFAULT_GOAL := help
.PHONY: help lab demo test lessons check release site bubblewrap chromium postgresql again

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s  %s\n", $$1, $$2 }' Makefile

lab: $(ready) ## open JupyterLab on your own copies of the lessons, in work/ (LAB_FLAGS="--no-browser")
	@mkdir -p work
	@for lesson in notebooks/*.ipynb; do \
		copy="work/$${lesson##*/}"; \
		if [ -e "$$lesson" ] && [ ! -e "$$copy" ]; then cp "$$lesson" "$$copy.part" && mv "$$copy.part" "$$copy" || exit 1; fi; \
	done
	@cp notebooks/AGENTS.md work/
	$(python) -m jupyterlab $(allow_root) $(LAB_FLAGS) work

demo: $(ready) bubblewrap ## the whole cycle on a sample class: release, grade, feedback, export, report
	$(python) -m autograder demo

test: $(ready) bubblewrap chromium ## the test suite (TEST_FLAGS="-k softmax")
	OMP_NUM_THREADS=1 $(python) -m pytest -n auto $(TEST_FLAGS)

lessons: $(ready) ## run every lesson from top to bottom, training included; print seconds and memory
	$(python) -m autograder lessons

check: $(ready) bubblewrap ## every hook of .pre-commit-config.yaml on every file (lint, format, release in step, ...), then the tests
	PATH="$(dir $(abspath $(python))):$$PATH" $(python) -m pre_commit run --all-files
	@$(MAKE) test

release: $(ready) ## solutions/*.py to notebooks/*.ipynb
	$(python) -m autograder release

site: $(ready) ## the website, in build/site/html; runs every lesson that has changed (SITE_FLAGS="--only 05_softmax")
	$(python) website/make.py $(SITE_FLAGS)

# The environment. `.unfinished` is there until the first installation is complete: what an interruption left is then
# made anew. An environment that was made by hand is used as it is and never deleted.

ifneq ($(wildcard $(ready)),)
ifneq ($(shell $(python) -c '$(versions)' 2> /dev/null && echo works),works)
$(ready): again
endif
endif

$(ready): requirements.txt pyproject.toml
	@if [ -e "$(VENV)/.unfinished" ] || ! "$(python)" -c '$(versions)' 2> /dev/null; then \
		$(find_python); $(make_environment); \
	fi
	@echo "Installing what requirements.txt lists into $(VENV); the first time this takes some minutes."
	@quiet=-q; [ -t 1 ] && quiet=; "$(python)" -m pip install --disable-pip-version-check $$quiet -r requirements.txt
	@rm -f "$(VENV)/.unfinished" && touch "$@"

# Sets $$python to a Python 3.11 to 3.13, one that can make environments where there is one.
define find_python
python=; \
for needed in 'import ensurepip' 'pass'; do \
	for candidate in python3 python3.13 python3.12 python3.11 python; do \
		if [ -z "$$python" ] && $$candidate -c "$$needed; $(versions)" 2> /dev/null; then python=$$candidate; fi; \
	done; \
done; \
if [ -z "$$python" ]; then \
	echo "The course needs Python 3.11, 3.12 or 3.13 and found none of them: install one from https://www.python.org/downloads/."; exit 1; \
fi
endef

define make_environment
if [ -e "$(VENV)" ] && [ ! -e "$(VENV)/.unfinished" ] && [ ! -e "$(ready)" ]; then \
	echo "$(VENV) is there, but has no working Python 3.11 to 3.13 in it: delete it, or choose another folder with make VENV=FOLDER."; exit 1; \
fi; \
if ! $$python -c 'import ensurepip' 2> /dev/null; then package=$$python-venv; $(install); fi; \
echo "Making an environment in $(VENV) with $$($$python --version)."; \
rm -rf "$(VENV)" && mkdir -p "$(VENV)" && touch "$(VENV)/.unfinished" && $$python -m venv "$(VENV)"
endef

bubblewrap: ## install bubblewrap, the sandbox that submissions are graded in
	@if [ "$$(uname)" != Linux ]; then \
		echo "There is no bubblewrap for $$(uname): grading says what to use in its place."; \
	elif ! command -v bwrap > /dev/null; then \
		package=bubblewrap; $(install); \
	fi

chromium: ## install Chromium, for the tests of the website and of JupyterLab
	@if [ "$$(uname)" = Linux ] && ! command -v chromium > /dev/null && ! command -v google-chrome > /dev/null; then \
		package=chromium; $(install); \
	fi

postgresql: ## install PostgreSQL, for the tests of a gradebook on a server
	@if ! command -v initdb > /dev/null && ! ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1; then \
		package=postgresql; if command -v dnf > /dev/null; then package=postgresql-server; fi; $(install); \
	fi

# Installs the system's $$package without asking a question; only sudo may ask for a password, and only at a terminal.
define install
as_root=; \
if [ "$$(id -u)" != 0 ]; then as_root=sudo; [ -t 0 ] || as_root="sudo -n"; fi; \
echo "Installing $$package."; \
if command -v apt-get > /dev/null; then \
	apt="$$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y"; \
	$$apt install $$package || { $$apt update && $$apt install $$package; }; \
elif command -v dnf > /dev/null; then \
	$$as_root dnf -q -y install $$package; \
elif command -v pacman > /dev/null; then \
	$$as_root pacman -S --noconfirm --needed $$package; \
else \
	false; \
fi || { echo "$$package is missing and could not be installed: have the system package $$package installed, then run make again."; exit 1; }
endef
