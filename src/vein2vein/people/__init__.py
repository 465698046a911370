"""Accounts, roles, training, delegation and signatures."""
