"""Orders and facts in the words of others: FHIR in and out."""
