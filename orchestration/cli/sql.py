"""Command `sql`."""
def sql() -> None:
    """sql."""
