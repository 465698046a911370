"""FHIR R4 in and out: a hospital's order as a Bundle, refusals as an OperationOutcome."""
