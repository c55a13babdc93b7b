"""The exports of five CRMs: one table per product, from its own headings to our columns, stops and words."""
