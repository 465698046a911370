"""Promises, plans and disruptions: the tables around the scheduling engine."""
