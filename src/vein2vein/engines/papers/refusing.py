"""The one way a paper is refused."""

from __future__ import annotations

from vein2vein.core.refusals import Unfit


class CannotPrint(Unfit):
    """A paper that would not say what it must."""

    code = "papers.cannot_print"
