"""The data model of a therapy definition: frozen dataclasses, one module for each file."""
