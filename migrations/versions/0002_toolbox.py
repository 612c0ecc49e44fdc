"""Providers' keys, the usage ledger, and what an answer used.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('model_configs', sa.Column('description', sa.String(length=200), server_default='', nullable=False))
    op.create_table('provider_keys',
    sa.Column('owner_id', sa.UUID(), nullable=False),
    sa.Column('provider', sa.String(length=16), nullable=False),
    sa.Column('key_id', sa.String(length=16), nullable=False),
    sa.Column('nonce', postgresql.BYTEA(), nullable=False),
    sa.Column('ciphertext', postgresql.BYTEA(), nullable=False),
    sa.Column('last4', sa.String(length=4), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['users.id'], name=op.f('fk_provider_keys_owner_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('owner_id', 'provider', name=op.f('pk_provider_keys'))
    )
    op.create_table('ledger',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('owner_id', sa.UUID(), nullable=False),
    sa.Column('bot_id', sa.UUID(), nullable=False),
    sa.Column('provider', sa.String(length=16), nullable=False),
    sa.Column('model_id', sa.String(length=200), nullable=False),
    sa.Column('task_type', sa.String(length=32), nullable=False),
    sa.Column('key_source', sa.String(length=16), nullable=True),
    sa.Column('finish', sa.String(length=16), nullable=False),
    sa.Column('input_tokens', sa.Integer(), nullable=False),
    sa.Column('output_tokens', sa.Integer(), nullable=False),
    sa.Column('tokens_estimated', sa.Boolean(), nullable=False),
    sa.Column('cost_micro_usd', sa.BigInteger(), nullable=True),
    sa.Column('dearest_micro_usd', sa.BigInteger(), nullable=True),
    sa.Column('first_token_ms', sa.Integer(), nullable=True),
    sa.Column('duration_ms', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['users.id'], name=op.f('fk_ledger_owner_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger'))
    )
    op.create_index('ix_ledger_owner_id_created_at', 'ledger', ['owner_id', 'created_at'], unique=False)
    op.create_table('usage_days',
    sa.Column('owner_id', sa.UUID(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('tokens', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('server_micro_usd', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('holds', postgresql.JSONB(), server_default='{}', nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['users.id'], name=op.f('fk_usage_days_owner_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('owner_id', 'day', name=op.f('pk_usage_days'))
    )
    op.add_column('messages', sa.Column('question_id', sa.UUID(), nullable=True))
    op.add_column('messages', sa.Column('tokens_estimated', sa.Boolean(), nullable=True))
    op.add_column('messages', sa.Column('cost_micro_usd', sa.BigInteger(), nullable=True))
    op.add_column('messages', sa.Column('first_token_ms', sa.Integer(), nullable=True))
    op.add_column('messages', sa.Column('duration_ms', sa.Integer(), nullable=True))
    op.create_unique_constraint(
        op.f('uq_messages_id_conversation_id_owner_id'), 'messages', ['id', 'conversation_id', 'owner_id']
    )
    op.create_foreign_key(
        op.f('fk_messages_question_id_conversation_id_owner_id_messages'), 'messages', 'messages',
        ['question_id', 'conversation_id', 'owner_id'], ['id', 'conversation_id', 'owner_id'], ondelete='CASCADE'
    )
    op.execute("""
        UPDATE messages AS answer SET question_id = (
            SELECT question.id FROM messages AS question
            WHERE question.conversation_id = answer.conversation_id AND question.role = 'user' AND question.id < answer.id
            ORDER BY question.id DESC LIMIT 1)
        WHERE answer.role = 'assistant'""")
    op.create_index('ix_messages_question_id', 'messages', ['question_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_messages_question_id', 'messages')
    op.drop_constraint(op.f('fk_messages_question_id_conversation_id_owner_id_messages'), 'messages')
    op.drop_constraint(op.f('uq_messages_id_conversation_id_owner_id'), 'messages')
    for column in ('duration_ms', 'first_token_ms', 'cost_micro_usd', 'tokens_estimated', 'question_id'):
        op.drop_column('messages', column)
    op.drop_table('usage_days')
    op.drop_table('ledger')
    op.drop_table('provider_keys')
    op.drop_column('model_configs', 'description')
