PYTHON ?= python

.PHONY: bench bench-suggestions bench-drop

bench: ## Measure the reports beside hand-written SQL; writes benchmarks/results/reports.md
	$(PYTHON) -m benchmarks.reports --output benchmarks/results/reports.md

bench-suggestions: ## Measure suggestions while somebody types; writes benchmarks/results/suggestions.md
	$(PYTHON) -m benchmarks.suggestions

bench-drop: ## Drop the PostgreSQL databases that `make bench` keeps
	$(PYTHON) -m benchmarks.reports --drop
