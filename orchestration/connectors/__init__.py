"""Sources: each names its deliveries and yields them in columns."""
