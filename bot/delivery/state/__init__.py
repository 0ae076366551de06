"""The state database below the ledger: its values, tables, engine and migrations."""
