"""The second front door: Celery, with no domain code inside."""
