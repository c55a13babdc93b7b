"""The nouns: frozen, typed, free of any I/O."""
