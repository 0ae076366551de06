"""Health and metrics over HTTP: `/livez`, `/readyz`, `/metrics`."""
