"""The desk: what people answered is suppressed, logged, learnt from, and answered in time."""
