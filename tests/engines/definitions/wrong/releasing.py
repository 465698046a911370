"""Wrong definitions: a specification with gaps."""

from tests.engines.definitions.wrong import LUPUS, PROCESS, RAPID, SPECIFICATION, Wrong

WRONG = (
    Wrong(
        name="test_without_sample",
        base=RAPID,
        file=PROCESS,
        old="serves: [satellite_car_positive, satellite_vcn]",
        new="serves: [satellite_car_positive]",
        at=SPECIFICATION,
        marker=(
            "sample: qc_satellite\n"
            "    result: report_only\n"
            "    stage: delayed\n"
            "    timing: delayed\n"
            "    turnaround: {kind: triangular, low: 8 d, mode: 9 d, high: 12 d}"
        ),
        fault="for “fresh” no sample is taken for the test “satellite_vcn”",
        mend="add the test to serves of a sample step",
    ),
    Wrong(
        name="test_on_other_sample",
        base=RAPID,
        file=PROCESS,
        old="residual_p24, residual_beads]",
        new="residual_p24, residual_beads, vcn]",
        at=PROCESS,
        marker="serves: [appearance, sterility, sterility_compendial, mycoplasma, endotoxin, res",
        fault="the test “vcn” is done on “qc_cells”, not on this sample",
        mend="correct serves here, or the test's sample",
    ),
    Wrong(
        name="qualitative_with_unit",
        base=RAPID,
        file=SPECIFICATION,
        old=("sample: qc_cells\n    result: qualitative"),
        new=("sample: qc_cells\n    result: qualitative\n    unit: cell"),
        at=SPECIFICATION,
        marker="- id: rcl",
        fault="a qualitative test has at least two outcomes and no unit",
        mend="list its outcomes, and remove the unit",
    ),
    Wrong(
        name="numeric_unrounded",
        base=RAPID,
        file=SPECIFICATION,
        old=("    unit: copy/cell\n    rounding: {decimals: 1, mode: half_up}\n  - id: rcl"),
        new=("    unit: copy/cell\n  - id: rcl"),
        at=SPECIFICATION,
        marker="- id: vcn",
        fault="nothing says how the result is rounded",
        mend="add rounding: decimals and mode",
    ),
    Wrong(
        name="retest_until_pass",
        base=RAPID,
        file=SPECIFICATION,
        old=(
            "timing: immediate\n"
            "    turnaround: {kind: triangular, low: 10 min, mode: 20 min, high: 60 min}\n"
            "    retest: {rule: never, maximum: 0}"
        ),
        new=(
            "timing: immediate\n"
            "    turnaround: {kind: triangular, low: 10 min, mode: 20 min, high: 60 min}\n"
            "    retest: {rule: never, maximum: 5}"
        ),
        at=SPECIFICATION,
        marker="retest: {rule: never, maximum: 5}",
        fault="the retest rule and its maximum contradict each other",
        mend="write never with maximum 0, or another rule with at least 1",
    ),
    Wrong(
        name="criterion_of_wrong_kind",
        base=RAPID,
        file=SPECIFICATION,
        old=("accepted: [not_detected]\n  - id: sterility"),
        new=("range: {high: 0 copy}\n  - id: sterility"),
        at=SPECIFICATION,
        marker=("- id: rcl\n    test: rcl"),
        fault="the criterion does not fit the test “rcl”, whose result is qualitative",
        mend="numeric: range; qualitative: accepted; report_only: report_only: true",
    ),
    Wrong(
        name="criterion_unknown_outcome",
        base=RAPID,
        file=SPECIFICATION,
        old=(
            "- id: sterility\n"
            "    test: sterility\n"
            "    markets: [CN, HK, SG]\n"
            "    phases: [phase_2, commercial]\n"
            "    effective_from: 2026-01-01\n"
            "    accepted: [no_growth]"
        ),
        new=(
            "- id: sterility\n"
            "    test: sterility\n"
            "    markets: [CN, HK, SG]\n"
            "    phases: [phase_2, commercial]\n"
            "    effective_from: 2026-01-01\n"
            "    accepted: [clean]"
        ),
        at=SPECIFICATION,
        marker="accepted: [clean]",
        fault="“clean” is no outcome of the test “sterility”",
        mend="name one of: no_growth, growth",
    ),
    Wrong(
        name="dose_formula_value",
        base=RAPID,
        file=SPECIFICATION,
        old="viable_cell_concentration * car_positive * fill_volume",
        new="viable_cell_concentration * car_positive * bag_volume",
        at=SPECIFICATION,
        marker="formula: viable_cell_concentration * car_positive * bag_volume",
        fault="nothing measures, computes or gives “bag_volume” before this step",
        mend="use results of other tests and values that every process path gives",
    ),
    Wrong(
        name="dose_formula_units",
        base=RAPID,
        file=SPECIFICATION,
        old="viable_cell_concentration * car_positive * fill_volume",
        new="viable_cell_concentration * car_positive",
        at=SPECIFICATION,
        marker="formula: viable_cell_concentration * car_positive",
        fault="the result of the formula is not a quantity in cell",
        mend="correct the formula or the unit",
    ),
    Wrong(
        name="market_without_criterion",
        base=RAPID,
        file=SPECIFICATION,
        old=("test: endotoxin\n    markets: [CN, HK, SG]"),
        new=("test: endotoxin\n    markets: [CN, HK]"),
        at=SPECIFICATION,
        marker="- id: endotoxin",
        fault="no criterion for “endotoxin” is in force in SG, phase_2, from 2026-01-01 on",
        mend="add a criterion for that market and phase, or begin one earlier",
    ),
    Wrong(
        name="criteria_overlap",
        base=RAPID,
        file=SPECIFICATION,
        old="    effective_until: 2027-01-01\n",
        new="",
        at=SPECIFICATION,
        marker=("- id: viability_commercial\n    test: viability"),
        fault="two criteria for “viability” are in force on the same days in CN, commercial",
        mend="end one with effective_until, or part them by market or phase",
    ),
    Wrong(
        name="criteria_gap",
        base=RAPID,
        file=SPECIFICATION,
        old="effective_until: 2027-01-01",
        new="effective_until: 2026-12-01",
        at=SPECIFICATION,
        marker="- id: viability",
        fault="no criterion for “viability” is in force in CN, commercial, from 2026-12-01 on",
        mend="add a criterion for that market and phase, or begin one earlier",
    ),
    Wrong(
        name="criterion_ends_first",
        base=RAPID,
        file=SPECIFICATION,
        old="effective_until: 2027-01-01",
        new="effective_until: 2025-01-01",
        at=SPECIFICATION,
        marker="- id: viability",
        fault="no criterion for “viability” is in force in CN, commercial, from 2026-01-01 on",
        mend="add a criterion for that market and phase, or begin one earlier",
    ),
    Wrong(
        name="route_without_release",
        base=RAPID,
        file=SPECIFICATION,
        old=("    markets: [CN, HK]\n    routes: [clinical_trial]"),
        new=("    markets: [HK]\n    routes: [clinical_trial]"),
        at=SPECIFICATION,
        marker="- {route: clinical_trial, phase: phase_2, effective_from: 2026-01-01}",
        fault="nothing says how a batch is released in CN by the route clinical_trial",
        mend="add a release for this market and route",
    ),
    Wrong(
        name="release_unknown_route",
        base=RAPID,
        file=SPECIFICATION,
        old=("    markets: [CN]\n    routes: [conditional]"),
        new=("    markets: [CN]\n    routes: [conditional, named_patient]"),
        at=SPECIFICATION,
        marker="routes: [conditional, named_patient]",
        fault="the market CN does not know the route named_patient",
        mend="add the route to the market, or take it out here",
    ),
    Wrong(
        name="no_mah_release",
        base=RAPID,
        file=SPECIFICATION,
        old=(
            "      - {role: qualified_person, organisation: mah, meaning: mah_release}\n"
            "    obligations:\n"
            "      - id: conditional_late"
        ),
        new=("    obligations:\n      - id: conditional_late"),
        at=SPECIFICATION,
        marker=(
            "signatories:\n"
            "      - {role: qualified_person, organisation: manufacturer, meaning: manufacturer_release}\n"
            "    obligations:"
        ),
        fault="nobody signs “conditional” as mah_release",
        mend="add a signatory with that meaning",
    ),
    Wrong(
        name="no_sponsor_release",
        base=RAPID,
        file=SPECIFICATION,
        old=(
            "      - {role: qualified_person, organisation: sponsor, meaning: sponsor_release}\n"
            "    obligations:\n"
            "      - id: trial_late"
        ),
        new=("    obligations:\n      - id: trial_late"),
        at=SPECIFICATION,
        marker="signatories:",
        fault="nobody signs “trial” as sponsor_release",
        mend="add a signatory with that meaning",
    ),
    Wrong(
        name="wrong_organisation",
        base=RAPID,
        file=SPECIFICATION,
        old=("organisation: mah, meaning: mah_release}\n    obligations:\n      - id: conditional_late"),
        new=("organisation: manufacturer, meaning: mah_release}\n    obligations:\n      - id: conditional_late"),
        at=SPECIFICATION,
        marker="- {role: qualified_person, organisation: manufacturer, meaning: mah_release}",
        fault="mah_release is signed on behalf of mah",
        mend="write organisation: mah",
    ),
    Wrong(
        name="evidence_missing",
        base=LUPUS,
        file=SPECIFICATION,
        old="environmental_monitoring, ",
        new="",
        at=SPECIFICATION,
        marker="evidence: [chain_of_identity, starting_material_receipt, batch_record_reviewed, ",
        fault="the release “trial” does not ask for environmental_monitoring",
        mend="add environmental_monitoring to evidence",
    ),
    Wrong(
        name="oos_reported_late",
        base=RAPID,
        file=SPECIFICATION,
        old="within: 48 h",
        new="within: 72 h",
        at=SPECIFICATION,
        marker="within: 72 h",
        fault="an exceptional supply is reported within 48 h",
        mend="write 48 h or less",
    ),
    Wrong(
        name="oos_in_china",
        base=RAPID,
        file=SPECIFICATION,
        old=("    markets: [HK, SG]\n    routes: [named_patient]\n    evidence: [chain_of_identity, batch_record"),
        new=(
            "    markets: [CN, HK, SG]\n"
            "    routes: [named_patient, conditional]\n"
            "    evidence: [chain_of_identity, batch_record"
        ),
        at=SPECIFICATION,
        marker="- {route: conditional, phase: commercial, effective_from: 2026-01-01}",
        fault="mainland China knows no exceptional supply of a product out of specification",
        mend="remove CN from the markets of that release",
    ),
    Wrong(
        name="open_tests_in_full",
        base=RAPID,
        file=SPECIFICATION,
        old="    open_tests: [sterility]\n",
        new="",
        at=SPECIFICATION,
        marker="- id: trial_two_stage",
        fault="open_tests belong to a two-stage release, and to no other",
        mend="name the tests that may still run at a two-stage release; remove them elsewhere",
    ),
    Wrong(
        name="no_potency",
        base=LUPUS,
        file=SPECIFICATION,
        old="attribute: potency",
        new="attribute: content",
        at=SPECIFICATION,
        marker="tests:",
        fault="no release test decides on potency",
        mend="add a release test with a criterion for it",
        everywhere=True,
    ),
)
