"""SQLAlchemy 2: tables, mapping, unit of work, read queries, migrations."""
