"""The command line: one module per command, loaded when it is called.

Nothing here imports the database, HTTP or Discord libraries at module level,
so that ``--help`` answers at once.
"""
