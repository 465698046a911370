"""The twin: a base lived ahead of time, as a model in JSON and a compiled loop that runs it.

Here is what needs no simulation: `model_from_json` reads and checks a model, `base_model` gives one to begin with. The
rest is imported from its module at first use, because it brings Numba (half a second, and two at the very first time):

- `running.Runner(compiling.compiled(model)).run(seed, replication)`: one replication, patient by patient;
- `sweeps.sweep`: many, in blocks, on `clusters.workers_from(setting)`;
- `studies.run_study`: named changes compared on the same luck;
- `forecasts.forecast`: each open course's infusion date from a present state (`presence.Present`);
- `learning.learn`: figures from what was observed; `scoring.score`: how good past forecasts were;
- `rehearsal.rehearse`: virtual patients, the difficult ones included, before anybody is treated.
"""

from vein2vein.engines.twin.base import base_model
from vein2vein.engines.twin.model import Model
from vein2vein.engines.twin.models import model_from_json, model_to_json

__all__ = ["Model", "base_model", "model_from_json", "model_to_json"]
