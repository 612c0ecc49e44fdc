"""Alembic's entry: the one URL of the settings, the one metadata of the models."""

from alembic import context
from sqlalchemy import create_engine, pool, text

from app.core.config import get_settings
from app.core.database import driver_url
from app.models import Base


def run() -> None:
    url = context.config.attributes.get("database_url") or get_settings().database_url.get_secret_value()
    engine = create_engine(driver_url(url), poolclass=pool.NullPool, connect_args={"prepare_threshold": None})
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
        with context.begin_transaction():
            # A large table takes its time; and behind a pooler the limit is the role's.
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            context.run_migrations()
    engine.dispose()


run()
