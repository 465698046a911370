"""The solver's inner loops, compiled by Numba, on arrays of slots: the only place where a plan is thought of so."""
