"""Sites, rooms, equipment, resources and their reservations, lanes, markets and authorisations."""
