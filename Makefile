.PHONY: run test check validation

# Set up and start everything; PORT changes the address, DATABASE_URL the database.
run:
	@tools/run.sh

# Set up everything and run the whole gate.
test:
	@tools/test.sh

# The whole gate, where everything is set up already.
check:
	@tools/check.sh

# Renew docs/validation from the tests' marks and the registries.
validation:
	@PYTHONPATH=src V2V_TEST_CLUSTER=1 .local/venv/bin/python tests/house/validation.py
