"""Shipments, handovers, temperature traces and the receipt gate."""
