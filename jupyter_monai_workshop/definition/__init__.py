"""What a workshop is: models, loading, linting and the JSON schema. Knows nobody."""
