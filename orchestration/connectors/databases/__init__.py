"""Databases: SQLite, PostgreSQL and MySQL by DuckDB's scanners, any other by SQLAlchemy."""
