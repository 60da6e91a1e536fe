"""The proof that no path through the flow hurts anybody: `walk` takes it, `report` tells of it."""
