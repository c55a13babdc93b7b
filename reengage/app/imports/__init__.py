"""Importing CSV files: one module per kind, one way of reading, mapping and reporting."""
