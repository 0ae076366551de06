PYTHON ?= python

.PHONY: lock bench bench-suggestions bench-drop

lock: ## Renew requirements.lock, what the image installs; UPGRADE=--upgrade takes the newest
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet 'uv>=0.8,<1'
	$(PYTHON) -c "import tomllib; build = tomllib.load(open('pyproject.toml', 'rb'))['build-system']; print(*build['requires'], sep='\n')" | \
	.venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $(UPGRADE) \
	  --no-config --no-annotate --custom-compile-command 'make lock' \
	  --extra channels --extra postgres --extra mysql --output-file requirements.lock pyproject.toml -

bench: ## Measure the reports beside hand-written SQL; writes benchmarks/results/reports.md
	$(PYTHON) -m benchmarks.reports --output benchmarks/results/reports.md

bench-suggestions: ## Measure suggestions while somebody types; writes benchmarks/results/suggestions.md
	$(PYTHON) -m benchmarks.suggestions

bench-drop: ## Drop the PostgreSQL databases that `make bench` keeps
	$(PYTHON) -m benchmarks.reports --drop
