"""Real servers for tests, installed below ``.runtime`` and started on loopback.

``python -m tests.servers`` installs all of them; tests ask for the fixtures in :mod:`.fixtures`.
"""
