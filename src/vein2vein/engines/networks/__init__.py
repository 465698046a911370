"""Network design: which facilities to open and which lanes to use, to proven optimality."""

from vein2vein.engines.networks.labels import COLUMNS, Label, label

__all__ = ["COLUMNS", "Label", "label"]
