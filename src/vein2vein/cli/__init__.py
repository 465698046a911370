"""The command line: the mount of every context's commands, and `run`, which starts the whole installation."""
