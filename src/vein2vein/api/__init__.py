"""The REST API: every action and read, made from the registries, described by OpenAPI."""
