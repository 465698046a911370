"""Wrong definitions: a process that would not hold."""

from tests.engines.definitions.wrong import PROCESS, RAPID, Wrong

WRONG = (
    Wrong(
        name="no_line_clearance",
        base=RAPID,
        file=PROCESS,
        old=(
            "      - id: clear_wash_station\n"
            "        kind: clear\n"
            "        text: {en: Clear the workstation., zh: 清场工作站。}\n"
            "        role: operator\n"
            "        verify: second_person\n"
            "        signature: cleared\n"
            "        equipment_class: closed_workstation\n"
        ),
        new="",
        at=PROCESS,
        marker="- id: scan_bag_for_wash",
        fault="a single-patient operation begins with the line clearance of its workstation",
        mend="put a step of kind clear, for closed_workstation, first",
    ),
    Wrong(
        name="unsigned_clearance",
        base=RAPID,
        file=PROCESS,
        old=("verify: second_person\n        signature: cleared\n        equipment_class: receipt_bench"),
        new=("verify: second_person\n        equipment_class: receipt_bench"),
        at=PROCESS,
        marker="- id: clear_receipt_bench",
        fault="a line clearance is signed and checked by a second person",
        mend="add verify: second_person and signature: cleared",
    ),
    Wrong(
        name="single_patient_false",
        base=RAPID,
        file=PROCESS,
        old=("equipment_class: receipt_bench\n    single_patient: true"),
        new=("equipment_class: receipt_bench\n    single_patient: false"),
        at=PROCESS,
        marker="single_patient: false",
        fault="a workstation holds one patient's material at a time",
        mend="write single_patient: true",
    ),
    Wrong(
        name="identity_alone",
        base=RAPID,
        file=PROCESS,
        old=("verify: second_person\n        training: cell_receipt"),
        new="training: cell_receipt",
        at=PROCESS,
        marker="- id: scan_leukapheresis",
        fault="two people look at every identity check",
        mend="add verify: second_person",
    ),
    Wrong(
        name="container_from_nowhere",
        base=RAPID,
        file=PROCESS,
        old=("parent: washed_bag\n        label"),
        new=("parent: culture_bag\n        label"),
        at=PROCESS,
        marker="parent: culture_bag",
        fault="nothing makes the container “culture_bag” before this step",
        mend="add a step that makes it",
    ),
    Wrong(
        name="container_emptied",
        base=RAPID,
        file=PROCESS,
        old=("        into: culture_bag\n        whole_units: true\n        thaw_to_use: 2 h"),
        new=("        into: selected_bag\n        whole_units: true\n        thaw_to_use: 2 h"),
        at=PROCESS,
        marker="into: selected_bag",
        fault="the container “selected_bag” was emptied before",
        mend="name the container that followed it",
    ),
    Wrong(
        name="container_unlabelled",
        base=RAPID,
        file=PROCESS,
        old=(
            "        label: product_bag\n"
            "        condition: ln2_vapour\n"
            "        volume: fill_volume\n"
            "        unit: mL\n"
            "      - id: produce_reserve"
        ),
        new=(
            "        condition: ln2_vapour\n        volume: fill_volume\n        unit: mL\n      - id: produce_reserve"
        ),
        at=PROCESS,
        marker="- id: produce_product_bag",
        fault="“label” is missing",
        mend="add the key label here",
    ),
    Wrong(
        name="container_wrong_label",
        base=RAPID,
        file=PROCESS,
        old=(
            "        label: product_bag\n"
            "        condition: ln2_vapour\n"
            "        volume: fill_volume\n"
            "        unit: mL\n"
            "      - id: produce_reserve"
        ),
        new=(
            "        label: intermediate\n"
            "        condition: ln2_vapour\n"
            "        volume: fill_volume\n"
            "        unit: mL\n"
            "      - id: produce_reserve"
        ),
        at=PROCESS,
        marker=("label: intermediate\n        condition: ln2_vapour"),
        fault="the label “intermediate” is for intermediate, and final_container is made here",
        mend="name a label whose use is final_container",
    ),
    Wrong(
        name="product_not_made",
        base=RAPID,
        file=PROCESS,
        old=("container: reserve_bag\n        parent: harvest_bag"),
        new=("container: selected_bag\n        parent: harvest_bag"),
        at=PROCESS,
        marker="- id: reserve_bag",
        fault="for “fresh” no step makes the product container “reserve_bag”",
        mend="add a step of kind produce for it",
    ),
    Wrong(
        name="parent_not_scanned",
        base=RAPID,
        file=PROCESS,
        old=("container: culture_bag\n        identity: true"),
        new="container: culture_bag",
        at=PROCESS,
        marker="parent: culture_bag",
        fault="the parent “culture_bag” was not scanned as an identity check before",
        mend="scan it first, with identity: true and verify: second_person",
    ),
    Wrong(
        name="scan_of_nothing",
        base=RAPID,
        file=PROCESS,
        old=("target: equipment\n        equipment_class: magnet"),
        new="target: equipment",
        at=PROCESS,
        marker="- id: scan_magnet",
        fault="the scan does not say which equipment",
        mend="name the container, equipment_class or material that is scanned",
    ),
    Wrong(
        name="hold_unbounded",
        base=RAPID,
        file=PROCESS,
        old=("since: consume_beads\n        minimum: 20 min\n        maximum: 45 min"),
        new=("since: consume_beads\n        minimum: 20 min"),
        at=PROCESS,
        marker="- id: wait_binding",
        fault="the hold is not bounded",
        mend="add maximum: the longest time allowed",
    ),
    Wrong(
        name="wait_for_later_step",
        base=RAPID,
        file=PROCESS,
        old=("since: consume_vector\n        minimum: 14 h"),
        new=("since: remove_beads\n        minimum: 14 h"),
        at=PROCESS,
        marker="since: remove_beads",
        fault="the step “remove_beads” does not come before this one",
        mend="name a step that is done earlier",
    ),
    Wrong(
        name="wait_turned",
        base=RAPID,
        file=PROCESS,
        old=("minimum: 20 min\n        maximum: 45 min"),
        new=("minimum: 50 min\n        maximum: 45 min"),
        at=PROCESS,
        marker="minimum: 50 min",
        fault="the minimum is longer than the maximum",
        mend="swap or correct the two",
    ),
    Wrong(
        name="vector_thaw_unbounded",
        base=RAPID,
        file=PROCESS,
        old=("        thaw_to_use: 2 h\n        single_thaw: true"),
        new="        single_thaw: true",
        at=PROCESS,
        marker="- id: consume_vector",
        fault="“lentiviral_vector” is kept frozen, and the time from thaw to use is not bounded",
        mend="add thaw_to_use, as in 2 h",
    ),
    Wrong(
        name="vector_thawed_twice",
        base=RAPID,
        file=PROCESS,
        old=("        thaw_to_use: 2 h\n        single_thaw: true"),
        new="        thaw_to_use: 2 h",
        at=PROCESS,
        marker="- id: consume_vector",
        fault="a vector is thawed once only",
        mend="add single_thaw: true",
    ),
    Wrong(
        name="vector_too_slow",
        base=RAPID,
        file=PROCESS,
        old="        thaw_to_use: 2 h\n",
        new="        thaw_to_use: 90 min\n",
        at=PROCESS,
        marker="thaw_to_use: 90 min",
        fault="the operation may last longer than the thawed material keeps",
        mend="shorten the operation's duration, or lengthen thaw_to_use where stability allows",
    ),
    Wrong(
        name="dmso_unbounded",
        base=RAPID,
        file=PROCESS,
        old=("since: consume_cryomedium\n        maximum: 60 min"),
        new=("since: consume_cryomedium\n        maximum: 3 h"),
        at=PROCESS,
        marker="- id: consume_cryomedium",
        fault="the exposure to DMSO is not bounded",
        mend="add a step of kind wait since consume_cryomedium with a maximum of at most 60 min",
    ),
    Wrong(
        name="formula_units",
        base=RAPID,
        file=PROCESS,
        old="quantity: 200 [IU/mL] * culture_volume",
        new="quantity: 200 [IU/mL] * seeded_cells",
        at=PROCESS,
        marker="quantity: 200 [IU/mL] * seeded_cells",
        fault="the result of the formula is not a quantity in IU",
        mend="correct the formula or the unit",
    ),
    Wrong(
        name="formula_sum_units",
        base=RAPID,
        file=PROCESS,
        old=("quantity: culture_volume\n        unit: mL\n      - id: produce_culture"),
        new=("quantity: culture_volume + seeded_cells\n        unit: mL\n      - id: produce_culture"),
        at=PROCESS,
        marker="quantity: culture_volume + seeded_cells",
        fault="the units do not agree: ml and cell",
        mend="correct the formula, or measure or compute the value in an earlier step",
    ),
    Wrong(
        name="formula_later_value",
        base=RAPID,
        file=PROCESS,
        old="formula: washed_concentration * 100 [mL] / received_cells",
        new="formula: washed_concentration * 100 [mL] / selected_concentration",
        at=PROCESS,
        marker="formula: washed_concentration * 100 [mL] / selected_concentration",
        fault="nothing measures, computes or gives “selected_concentration” before this step",
        mend="correct the formula, or measure or compute the value in an earlier step",
    ),
    Wrong(
        name="formula_other_path",
        base=RAPID,
        file=PROCESS,
        old="quantity: 3 * received_volume",
        new="quantity: 3 * received_volume * received_haematocrit / 1 [%]",
        at=PROCESS,
        marker="quantity: 3 * received_volume * received_haematocrit / 1 [%]",
        fault="nothing measures, computes or gives “received_haematocrit” before this step",
        mend="correct the formula, or measure or compute the value in an earlier step",
    ),
    Wrong(
        name="formula_celsius",
        base=RAPID,
        file=PROCESS,
        old="formula: 2 * (40 [mL] - 10 [mL])",
        new="formula: 2 * (40 [mL] - 10 [mL]) * incubator_temperature / 37 [K]",
        at=PROCESS,
        marker="formula: 2 * (40 [mL] - 10 [mL]) * incubator_temperature / 37 [K]",
        fault="degC cannot be calculated with; its zero is a convention",
        mend="correct the formula, or measure or compute the value in an earlier step",
    ),
    Wrong(
        name="value_twice",
        base=RAPID,
        file=PROCESS,
        old="value: selected_concentration",
        new="value: washed_concentration",
        at=PROCESS,
        marker=(
            "value: washed_concentration\n        unit: cell/mL\n        equipment_class: cell_counter\n        limits:"
        ),
        fault="the value “washed_concentration” has been given before",
        mend="give it another name: a value is never overwritten",
    ),
)
