"""Pages that cross contexts: sign-in, work lists, timelines, health."""
