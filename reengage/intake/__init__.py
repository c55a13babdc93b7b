"""Words and flags of people turned into holds and stops; pure."""
