"""Benchmarks: each headline figure, measured anew, beside a named peer where there is one."""
