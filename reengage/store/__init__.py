"""What is kept: tables, queries, the lock. The only place that knows a database."""
