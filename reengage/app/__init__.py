"""One module per verb: each owns its transactions and calls the pure core between them."""
