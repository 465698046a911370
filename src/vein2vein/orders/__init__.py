"""Treatment orders: from prescription to infusion and follow-up."""
