"""What a journal entry of this context carries: plain Python."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from vein2vein.core.facts import Fact, fact
from vein2vein.core.refusals import N_


@fact("forecasting")
class ForecastsAsked(Fact):
    """Somebody asked that the forecasts be made anew."""

    says: ClassVar[str] = N_("Forecasts asked for")
    site: str


@fact("forecasting")
class ForecastsMade(Fact):
    """Forecasts of all open courses were made; `told` is the digest of all that they say."""

    says: ClassVar[str] = N_("Infusion dates of %(courses)s courses forecast by the model %(model)s")
    site: str
    model: str
    as_of: datetime
    courses: int
    replications: int
    seed: int
    told: str


@fact("forecasting")
class FigureSet(Fact):
    """A figure of the model was set by somebody."""

    says: ClassVar[str] = N_("Figure %(figure)s set to %(value)s %(unit)s: %(reason)s")
    setting_id: UUID
    figure: str
    value: str
    unit: str
    was: str
    reason: str


@fact("forecasting")
class FigureRestored(Fact):
    """A figure that was set stands no longer: it is assumed, told or learned again."""

    says: ClassVar[str] = N_("Figure %(figure)s no longer set: %(reason)s")
    setting_id: UUID
    figure: str
    reason: str


@fact("forecasting")
class StudySaved(Fact):
    """A what-if study was saved."""

    says: ClassVar[str] = N_("Study %(code)s saved: %(name)s")
    study_id: UUID
    code: str
    name: str
    digest: str
    variants: int
    replications: int
    seed: int


@fact("forecasting")
class StudyRunAsked(Fact):
    """A study is to be carried out, or carried on."""

    says: ClassVar[str] = N_("Study %(code)s to be carried out")
    study_id: UUID
    run_id: UUID
    code: str


@fact("forecasting")
class StudyRunBegun(Fact):
    """A study's simulation has begun."""

    says: ClassVar[str] = N_("Study %(code)s begun")
    study_id: UUID
    run_id: UUID
    code: str


@fact("forecasting")
class StudyRunEnded(Fact):
    """A study's simulation has ended: finished, cancelled or failed; `result` is the digest of what it found."""

    says: ClassVar[str] = N_("Study %(code)s ended: %(how)s")
    study_id: UUID
    run_id: UUID
    code: str
    how: str
    result: str
    fault: str
