"""A network that exists only on this machine, for benchmarks and crash tests."""
