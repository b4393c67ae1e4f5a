"""The steps, oldest first; their names stand in schema.REVISIONS."""
