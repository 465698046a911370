"""The times and failures of the invented patients: each a named figure with its source.

Sources: [assumed] is a modelling assumption; a name is a publication. Spans are in hours.
"""

from __future__ import annotations

from vein2vein.driver.draws import LogNormal, Triangular, Uniform

DAY = 24.0

REFERRAL_TO_COLLECTION = LogNormal(22 * DAY, 0.46, floor=8 * DAY)
"""Blood 2025;146 S1:7944: median 22 d (IQR 15–28), one US centre, n = 34; floor: eligibility and kit [assumed]."""
ORDER_BEFORE_COLLECTION = Uniform(6 * DAY, 12 * DAY)
"""How long before the collection the order is placed [assumed]."""
ORDERS_A_DAY = 1.0
"""How many are ordered for where the demonstration goes on at wall speed [assumed]."""
NEXT_ORDER = Uniform(6, 42)
"""From one such order to the next [assumed]: a day, on average."""
FROZEN_MATERIAL = 0.1
"""Starting material of the rapid product that is frozen at the hospital [assumed]."""
SEVERAL_COLLECTIONS = 0.08
"""Courses collected on two days [assumed]; a collection takes 1–4 days (s41408-024-01038-2)."""
NEXT_COLLECTION = Triangular(16, 18, 24)
"""From the end of one collection to the start of the next [assumed]."""
SECOND_COURSE = 0.02
"""Treated patients who come back for a second course [assumed]."""
UNTIL_SECOND_COURSE = Triangular(60 * DAY, 120 * DAY, 300 * DAY)
"""From the first infusion to the order of the second course [assumed]."""
COLLECTION = Triangular(3, 4, 6)
"""Leukapheresis: 3–6 h (s41408-024-01038-2)."""
TRANSIT_DOMESTIC = Triangular(4, 12, 36)
"""Starting material within mainland China [assumed]; the limit of the lane is kept."""
TRANSIT_CROSS_BORDER = Triangular(18, 36, 60)
"""Starting material across a border in Asia, without its customs [assumed]; 72 h with them was reported for
Shanghai–Hong Kong (Xinmin Evening News, 25 Mar 2025)."""
CUSTOMS = LogNormal(4, 0.6)
"""Declaration to release: 4 h, Shanghai Pudong, Feb 2025 (yaliqi); on top of the transit, in the lane's limit."""
PRODUCT_TRANSIT_DOMESTIC = Triangular(0.5 * DAY, 1 * DAY, 2 * DAY)
"""Product in mainland China [assumed]."""
PRODUCT_TRANSIT_CROSS_BORDER = Triangular(1 * DAY, 2 * DAY, 4 * DAY)
"""Product across a border, without its customs: at most 5 days door to door (Xinmin Evening News, 25 Mar 2025)."""
RECEIPT = Triangular(0.5, 1, 2)
"""Receipt of material: 0.5–2 h [assumed]."""
WAIT_SHARE = Uniform(0.02, 0.35)
"""How far into a wait of the definition (overnight culture 14–24 h) people come back, as a share [assumed];
with the steps the process takes 22–36 h (BioProcess International 2024)."""
RAPID_RELEASE_TESTS = Triangular(7 * DAY, 8 * DAY, 10 * DAY)
"""Harvest to the last rapid result [assumed on 1stOncology 2019: 7 days]."""
COMPENDIAL_RELEASE_TESTS = Triangular(14 * DAY, 15 * DAY, 18 * DAY)
"""Harvest to the last result with the 14-day sterility test [assumed]."""
QA_REVIEW = Triangular(0.5 * DAY, 1.5 * DAY, 3 * DAY)
"""Last result to disposition [assumed]."""
RELEASE_TO_INFUSION = LogNormal(8 * DAY, 0.5, floor=6 * DAY)
"""Release to infusion with transit and lymphodepletion [assumed]; the floor is the lymphodepletion."""
INVESTIGATION = Triangular(1 * DAY, 2 * DAY, 3 * DAY)
"""From a suspect result to the end of its laboratory investigation: 1–3 d [assumed]."""
DEVIATION = Triangular(0.2 * DAY, 1 * DAY, 3 * DAY)
"""From a deviation to its closure [assumed]."""

WITHDRAWN_BEFORE_COLLECTION = 0.05
"""Ordered, then not collected [assumed]; of those referred 51 % were not (Blood 2024;144 S1:6937)."""
LOST_IN_THE_QUEUE = 0.02
"""Dead, too ill or not willing any more between the acceptance and the collection [assumed]."""
POSTPONED = 0.04
"""Collections put off because the patient is not fit for now [assumed]."""
POSTPONED_FOR = LogNormal(12 * DAY, 0.6, floor=2 * DAY)
"""Until such a patient is fit again [assumed]; past the age of the virology the eligibility has lapsed."""
LAPSED_FOR_GOOD = 0.15
"""Of those put off, how many are not eligible any more [assumed]."""
PROMISED = 0.5
"""Share of the orders for which a date is asked and the first that suits is taken [assumed]."""
RECALLS_A_YEAR = 0.7
"""Lots of material that are recalled after some of it was used, a year [assumed]."""
NOT_INFUSED_AFTER_COLLECTION = 0.04
"""Dead or too ill after collection: 4 % at a short vein-to-vein time (GLPG5101, ASH 2025; PMC8427697)."""
MATERIAL_REJECTED = 0.01
"""Starting material rejected at its receipt [assumed]."""
MATERIAL_UNDER_DEVIATION = 0.01
"""Starting material a little below a limit that physician and QA accept under a deviation [assumed]."""
MADE_AGAIN = 0.8
"""After a failure with accepted material left: another batch is made of it [assumed]."""
COLLECTED_AGAIN = 0.63
"""After a failure: 37 % were not infused (UK National CAR T Panel, 38 of 981)."""
DECISION = Triangular(0.5 * DAY, 1 * DAY, 3 * DAY)
"""From a failure to the treating physician's decision [assumed]."""
SUPPLIED_ALL_THE_SAME = 0.34
"""Of products out of specification, those that their physician asks for where the route allows it: 34 % got one
(UK National CAR T Panel, 38 of 981)."""
TESTS_LEFT_OPEN = Uniform(2 * DAY, 5 * DAY)
"""From a two-stage release to the end of the tests that it left open [assumed]."""
SECOND_STAGE = Triangular(1, 6, 20)
"""From their end to the second stage of the release: at most a day [assumed; the definition's limit]."""
LATE_GROWTH = 0.004
"""Sterility tests that show growth after the release [assumed]."""
LATE_GROWTH_INVALID = 0.5
"""Of those, how many are the laboratory's own contamination [assumed]."""
PHYSICIAN_OUT_OF_REACH = 0.2
"""Late findings that the physician does not acknowledge within the hour, so that others are called [assumed]."""
BATCH_TERMINATED = 0.02
"""Batches that end before harvest [assumed 1–4 %, on PMC8427697 and Blood 2025;146 S1:405]."""
OUT_OF_SPECIFICATION = {"multiple_myeloma": 0.08, "sle": 0.03, "lupus_nephritis": 0.03}
"""Confirmed out of specification, by indication [assumed on Blood 2025;146 S1:405 and J&J Medical Connect 2025]."""
INVALID_ASSAY = 0.03
"""Assay runs that are invalid and are repeated [assumed]."""
IN_PROCESS_DEVIATION = 0.03
"""Batches with a step out of its limits that QA lets go on [assumed]."""
EXCURSION = 0.01
"""Journeys whose trace leaves the allowed range for longer than permitted and is reviewed [assumed]."""
SHIPPER_FAILURE = 0.003
"""Shipping containers that are tipped or fail on the way [assumed]."""
LATE = 0.02
"""Journeys that are held up on the way [assumed]."""
DELAY = Triangular(6, 12, 48)
"""By how much a journey that is held up comes later [assumed]."""
SHIPMENT_LOST = 0.002
"""Journeys whose shipment does not come and is declared lost [assumed]."""
LOST_UNTIL_FOUND = Triangular(1 * DAY, 2 * DAY, 5 * DAY)
"""From the declaration to the day on which it turns up [assumed]."""
REVIEW_REJECTED = 0.3
"""Quarantined shipments that QA rejects [assumed]."""
SITE_NOT_READY = 0.01
"""Ways of a product for which the hospital says that it is not ready [assumed]."""
SITE_READY_AGAIN = Triangular(4, 12, 36)
"""Until such a hospital is ready again [assumed]."""
AGE_PERMITTED = 0.5
"""Material past its age limit that QA permits all the same [assumed]."""
INFUSION_INTERRUPTED = 0.03
"""Infusions of a bag that are interrupted, mostly for a reaction [assumed]."""
INFUSION_STOPPED = 0.3
"""Of those that are interrupted, how many are not resumed: a part of the dose was given [assumed]."""
INFUSION_REFUSED = 0.01
"""Thawed products that are not infused: patient or bag not fit, or too late [assumed]."""
UNUSED_RETURNED = 0.3
"""Frozen product left at a hospital that goes back to the manufacturer; the rest is destroyed there [assumed]."""
CONTINUED_REDUCED = 0.8
"""Good bags left of a dose that the physician gives as a reduced dose [assumed]."""
RESERVE_ASKED_FOR = 0.8
"""Reserves that are good and asked for where the released product cannot be given [assumed]."""
SPLIT_DOSE = 0.1
"""Doses of several bags that are given on two days [assumed]."""
BETWEEN_PARTS = Uniform(18, 48)
"""Between the two parts of such a dose [assumed]."""
BAG_FRACTURE = 0.003
"""Cryobags found cracked (Cell Tissue Bank 2025)."""
LUPUS_SHARE = 0.08
"""Patients of the demonstration with the expanded product [assumed]: it holds a closed system for nine days."""
