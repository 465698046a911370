"""People who do not exist, on a clock that is not real: the demonstration site, the journey."""
