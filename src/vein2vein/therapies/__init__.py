"""Definitions: submitted, checked, compared, approved."""
