"""What should be done about whom: two matchers, proposals per contact, one global order; pure, no clock, no I/O."""
