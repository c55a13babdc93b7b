"""Vendors that are asked over HTTP: what a `rest:` block says, and one pull of it, page by page as raw bytes."""
