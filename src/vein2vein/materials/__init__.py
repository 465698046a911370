"""Lots, their release by market, and the inventory ledger."""
