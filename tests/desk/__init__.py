"""Tests of the installer and runner behind ``make``."""
