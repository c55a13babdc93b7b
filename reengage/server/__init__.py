"""The webhook server: takes deliveries in, stores them durably, and only then acknowledges them."""
