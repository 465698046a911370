"""Tracing both ways: from anything to every patient it touched, from a patient to everything that touched them."""
