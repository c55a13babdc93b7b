"""Rule and connector files: read with positions, checked in full, turned into typed trees."""
