"""The services that need no Docker: PostgreSQL and the broker, run from their wheels in one data folder."""
