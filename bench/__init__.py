"""What things cost, measured on request; no test asserts a time."""
