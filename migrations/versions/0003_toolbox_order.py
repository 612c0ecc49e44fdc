"""The order in which a bot's models are asked.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('model_configs', sa.Column('position', sa.Integer(), server_default='0', nullable=False))
    op.execute("""
        UPDATE model_configs SET position = ordered.position
        FROM (SELECT id, row_number() OVER (PARTITION BY bot_id ORDER BY created_at, id) - 1 AS position
              FROM model_configs) AS ordered
        WHERE model_configs.id = ordered.id""")


def downgrade() -> None:
    op.drop_column('model_configs', 'position')
