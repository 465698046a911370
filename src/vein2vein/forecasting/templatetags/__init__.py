"""Filters of the pages of forecasting."""
