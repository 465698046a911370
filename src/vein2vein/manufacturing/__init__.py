"""The electronic batch record: executing the approved definition step by step."""
