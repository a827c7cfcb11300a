# All work is done by docker/desk (Python, standard library only). `make` alone shows the commands.
PYTHON ?= python3
COMMANDS := help demo stop shell test lint format bench stress evaluate train i18n pins clean
.DEFAULT_GOAL := help
.PHONY: $(COMMANDS)

# Words after the command are its arguments: make test tests/connectors, make bench ingest
COMMAND := $(firstword $(MAKECMDGOALS))
WORDS := $(wordlist 2,$(words $(MAKECMDGOALS)),$(MAKECMDGOALS))
ifneq ($(filter test bench evaluate train,$(COMMAND)),)
ifneq ($(WORDS),)
.PHONY: $(WORDS)
$(filter-out $(COMMANDS),$(WORDS)):
	@:
endif
else
WORDS :=
endif

export ARGS PORT HOST RUNTIME ODOO_TREE ODOO_PYTHON CHROMIUM

ifeq ($(COMMAND),)
help:
	@PYTHONPATH=docker $(PYTHON) -m desk help
else
$(COMMAND):
	@PYTHONPATH=docker $(PYTHON) -m desk $(COMMAND) $(WORDS)
endif
