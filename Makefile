.PHONY: run test check

# Set up and start everything; PORT changes the address, DATABASE_URL the database.
run:
	@tools/run.sh

# Set up everything and run the whole gate.
test:
	@tools/test.sh

# The whole gate, where everything is set up already.
check:
	@tools/check.sh
