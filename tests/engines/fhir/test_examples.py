"""The example orders fit the shipped definitions and the demonstration network."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from tests.engines.fhir.orders import LUPUS, MYELOMA
from vein2vein.engines.fhir.read_order import read_order

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("file", [MYELOMA, LUPUS], ids=lambda file: file.stem)
def test_example_fits_its_definition(file: Path) -> None:
    order = read_order(file.read_bytes())
    definition = yaml.safe_load((ROOT / "therapies" / order.therapy_id / "therapy.yaml").read_text(encoding="utf-8"))
    eligibility = definition["eligibility"]
    assert (order.indication.system, order.indication.code) in {
        (each["system"], each["code"]) for each in definition["indications"]
    }
    assert order.trial is not None
    assert (order.trial.protocol, order.trial.arm) in {
        (arm["protocol"], arm["id"]) for arm in definition["dose"]["arms"]
    }
    assert order.consent.version == eligibility["consent_version"]
    results = {result.marker: result for result in order.virology}
    assert order.collection_on is not None
    for marker in eligibility["virology"]:
        assert marker["accepted"] in {"any", results[marker["id"]].result}
        assert order.collection_on - results[marker["id"]].collected_on <= timedelta(
            days=int(marker["maximum_age"].split()[0])
        )
    for washout in eligibility["washouts"]:
        for prior in order.prior_therapies:
            if prior.therapy_class == washout["id"]:
                assert (order.authored_at.date() - prior.last_given_on).days >= int(washout["minimum"].split()[0])


@pytest.mark.parametrize("file", [MYELOMA, LUPUS], ids=lambda file: file.stem)
def test_example_comes_from_a_demonstration_hospital(file: Path) -> None:
    network = (ROOT / "src" / "vein2vein" / "network" / "demonstration.yaml").read_text(encoding="utf-8")
    assert f"code: {read_order(file.read_bytes()).hospital.site_code}\n" in network
