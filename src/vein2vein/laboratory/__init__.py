"""Release tests: samples, raw data, results and their review."""
