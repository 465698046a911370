.PHONY: run test check validation bench docs

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

# Measure the headline figures beside their peers and renew docs/performance.md; BENCH="acts --seconds 10" chooses.
bench:
	@tools/bench.sh $(BENCH)

# Build the guide's site from docs/ into .local/site; strict, and with nothing fetched from elsewhere.
docs:
	@tools/docs.sh
