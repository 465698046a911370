"""Deviations, conformity assessment and batch disposition."""
