"""A login says from where it came and when it was last used.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('sessions', sa.Column('user_agent', sa.String(256), server_default='', nullable=False))
    # Of those that are there nothing better is known than when they began.
    op.add_column('sessions', sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True))
    op.execute('UPDATE sessions SET last_used_at = created_at')
    op.alter_column('sessions', 'last_used_at', nullable=False, server_default=sa.text('now()'))


def downgrade() -> None:
    op.drop_column('sessions', 'last_used_at')
    op.drop_column('sessions', 'user_agent')
