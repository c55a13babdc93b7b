"""Holds every contact that said no, watches for a reason to call again, and hands the right rep one task."""

__version__ = "0.1.0"
