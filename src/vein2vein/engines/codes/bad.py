"""The one way a code is refused."""

from __future__ import annotations

from vein2vein.core.refusals import Unfit


class BadCode(Unfit):
    """A text that is not the code it claims to be."""

    code = "codes.bad_code"
