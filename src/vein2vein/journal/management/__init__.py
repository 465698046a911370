"""Commands of the framework that this project changes."""
