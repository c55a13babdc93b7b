"""Who is it: canonical identifiers and companies, and the contact a signal concerns."""
