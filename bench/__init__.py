"""The benchmark: what a turn costs here, as ratios to a floor measured in the same minutes."""
