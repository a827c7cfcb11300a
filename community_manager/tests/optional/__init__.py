"""Tests of what works with modules that are no dependencies; each is skipped where its module is not installed."""
