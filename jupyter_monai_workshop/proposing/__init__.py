"""A first definition for notebooks that somebody has: what is found in them, as YAML."""
