"""What the words of an answer seem to say: phrases that decide, examples for a second opinion, dates and names."""
