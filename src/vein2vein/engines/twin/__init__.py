"""The twin: a base lived ahead of time, as a model in JSON and a compiled loop that runs it.

`model_from_json` reads and checks a model, `base_model` gives one to begin with. `compile_model` makes its operation
table, `Runner` runs replications of it, equal to the last bit on every machine. The compiled loop, and Numba with it,
is imported by `running` at first use: a start-up that needs no twin pays nothing.
"""

from vein2vein.engines.twin.base import base_model
from vein2vein.engines.twin.model import Model
from vein2vein.engines.twin.models import model_from_json, model_to_json

__all__ = ["Model", "base_model", "model_from_json", "model_to_json"]
