"""Who acts, when, and within which limits: a clinic's own rules, as frozen values. No I/O."""
