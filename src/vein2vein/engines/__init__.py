"""Pure computing: engines know neither Django nor any context, and not each other."""
