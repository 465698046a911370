"""The base lived ahead of time: the twin's model read live, forecasts of infusion dates, what-if studies."""
