"""What every door shares: parsing, performing once, presenting, showing blockers."""
