"""Documents are counted by status without reading them.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_documents_status', 'documents', ['status'])


def downgrade() -> None:
    op.drop_index('ix_documents_status', table_name='documents')
