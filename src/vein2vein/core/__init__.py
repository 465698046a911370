"""Ids, units, clock, Actor, refusals: plain Python on which every layer stands."""
