"""First tables, the extensions that they need and the function that makes a text's lexemes.

Revision ID: 0001
Revises: 
"""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


# The lexemes of a text under a configuration, and besides them those of its unaccented form that differ:
# unaccenting before the Spanish stemmer breaks plurals, so both forms are indexed and asked for.
# A hyphen before a digit parts a code (SKU-20.301): the parser would read a negative number.
# Spanish words in -ion are all written -ión; without the accent the stemmer does not know their plural.
LEXEMES = r"""
CREATE FUNCTION bytchat_lexemes(config regconfig, body text) RETURNS tsvector
LANGUAGE sql STABLE PARALLEL SAFE RETURN (
    SELECT plain || ts_delete(folded, tsvector_to_array(plain))
    FROM (SELECT regexp_replace(body, '(\w)-(?=\d)', '\1 ', 'g') AS parted) AS input
    CROSS JOIN LATERAL (
        SELECT CASE WHEN config = 'spanish'::regconfig THEN regexp_replace(parted, 'ion\M', 'ión', 'gi')
                    ELSE parted END AS spelt
    ) AS spelling
    CROSS JOIN LATERAL (
        SELECT to_tsvector(config, spelt) AS plain, to_tsvector(config, unaccent(spelt)) AS folded
    ) AS forms
)
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    op.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
    op.execute(LEXEMES)
    op.create_table('users',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('email_key', sa.String(length=640), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('is_disabled', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('email_key', name=op.f('uq_users_email_key'))
    )
    op.create_table('bots',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('owner_id', sa.UUID(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('system_prompt', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['users.id'], name=op.f('fk_bots_owner_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bots')),
    sa.UniqueConstraint('id', 'owner_id', name=op.f('uq_bots_id_owner_id'))
    )
    op.create_index('ix_bots_owner_id_id', 'bots', ['owner_id', 'id'], unique=False)
    op.create_table('sessions',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('owner_id', sa.UUID(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['users.id'], name=op.f('fk_sessions_owner_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions'))
    )
    op.create_index(op.f('ix_sessions_owner_id'), 'sessions', ['owner_id'], unique=False)
    op.create_table('conversations',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('owner_id', sa.UUID(), nullable=False),
    sa.Column('bot_id', sa.UUID(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['bot_id', 'owner_id'], ['bots.id', 'bots.owner_id'], name=op.f('fk_conversations_bot_id_owner_id_bots'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conversations')),
    sa.UniqueConstraint('id', 'owner_id', name=op.f('uq_conversations_id_owner_id'))
    )
    op.create_index('ix_conversations_bot_id_updated_at', 'conversations', ['bot_id', 'updated_at'], unique=False)
    op.create_table('documents',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('owner_id', sa.UUID(), nullable=False),
    sa.Column('bot_id', sa.UUID(), nullable=False),
    sa.Column('filename', sa.String(length=255), nullable=False),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False),
    sa.Column('characters', sa.Integer(), nullable=False),
    sa.Column('encoding', sa.String(length=32), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=True),
    sa.Column('sha256', postgresql.BYTEA(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('searchable_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('chunks', sa.Integer(), nullable=False),
    sa.Column('chunks_embedded', sa.Integer(), nullable=False),
    sa.Column('error', sa.String(length=64), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease_token', sa.UUID(), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ready_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['bot_id', 'owner_id'], ['bots.id', 'bots.owner_id'], name=op.f('fk_documents_bot_id_owner_id_bots'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_documents')),
    sa.UniqueConstraint('bot_id', 'sha256', name=op.f('uq_documents_bot_id_sha256')),
    sa.UniqueConstraint('id', 'bot_id', 'owner_id', name=op.f('uq_documents_id_bot_id_owner_id')),
    sa.UniqueConstraint('id', 'owner_id', name=op.f('uq_documents_id_owner_id'))
    )
    op.create_index('ix_documents_unfinished', 'documents', ['published_at'], unique=False, postgresql_where=sa.text("status IN ('queued', 'processing')"))
    op.create_table('model_configs',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('owner_id', sa.UUID(), nullable=False),
    sa.Column('bot_id', sa.UUID(), nullable=False),
    sa.Column('task_type', sa.String(length=32), nullable=False),
    sa.Column('provider', sa.String(length=16), nullable=False),
    sa.Column('model_id', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['bot_id', 'owner_id'], ['bots.id', 'bots.owner_id'], name=op.f('fk_model_configs_bot_id_owner_id_bots'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_model_configs')),
    sa.UniqueConstraint('bot_id', 'task_type', 'provider', 'model_id', name=op.f('uq_model_configs_bot_id_task_type_provider_model_id'))
    )
    op.create_table('chunks',
    sa.Column('document_id', sa.UUID(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('bot_id', sa.UUID(), nullable=False),
    sa.Column('owner_id', sa.UUID(), nullable=False),
    sa.Column('start', sa.Integer(), nullable=False),
    sa.Column('end', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('heading', sa.Text(), nullable=False),
    sa.Column('config', postgresql.REGCONFIG(), nullable=False),
    sa.Column('lexemes', postgresql.TSVECTOR(), nullable=False),
    sa.Column('length', sa.Integer(), nullable=False),
    sa.Column('vector', HALFVEC(), nullable=True),
    sa.ForeignKeyConstraint(['document_id', 'bot_id', 'owner_id'], ['documents.id', 'documents.bot_id', 'documents.owner_id'], name=op.f('fk_chunks_document_id_bot_id_owner_id_documents'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('document_id', 'position', name=op.f('pk_chunks'))
    )
    op.create_index('ix_chunks_bot_id', 'chunks', ['bot_id'], unique=False)
    op.create_index('ix_chunks_document_id_without_vector', 'chunks', ['document_id'], unique=False, postgresql_where=sa.text('vector IS NULL'))
    op.create_table('messages',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('owner_id', sa.UUID(), nullable=False),
    sa.Column('conversation_id', sa.UUID(), nullable=False),
    sa.Column('role', sa.String(length=16), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('finish', sa.String(length=16), nullable=True),
    sa.Column('error_code', sa.String(length=64), nullable=True),
    sa.Column('provider', sa.String(length=16), nullable=True),
    sa.Column('model_id', sa.String(length=200), nullable=True),
    sa.Column('task_type', sa.String(length=32), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('input_tokens', sa.Integer(), nullable=True),
    sa.Column('output_tokens', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id', 'owner_id'], ['conversations.id', 'conversations.owner_id'], name=op.f('fk_messages_conversation_id_owner_id_conversations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages')),
    sa.UniqueConstraint('id', 'owner_id', name=op.f('uq_messages_id_owner_id'))
    )
    op.create_index('ix_messages_conversation_id_id', 'messages', ['conversation_id', 'id'], unique=False)
    op.create_table('citations',
    sa.Column('message_id', sa.UUID(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.UUID(), nullable=False),
    sa.Column('document_id', sa.UUID(), nullable=True),
    sa.Column('filename', sa.String(length=255), nullable=False),
    sa.Column('start', sa.Integer(), nullable=False),
    sa.Column('end', sa.Integer(), nullable=False),
    sa.Column('quote', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['document_id', 'owner_id'], ['documents.id', 'documents.owner_id'], name=op.f('fk_citations_document_id_owner_id_documents'), ondelete='SET NULL (document_id)'),
    sa.ForeignKeyConstraint(['message_id', 'owner_id'], ['messages.id', 'messages.owner_id'], name=op.f('fk_citations_message_id_owner_id_messages'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('message_id', 'n', name=op.f('pk_citations'))
    )
    op.create_index('ix_citations_document_id', 'citations', ['document_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_citations_document_id', table_name='citations')
    op.drop_table('citations')
    op.drop_index('ix_messages_conversation_id_id', table_name='messages')
    op.drop_table('messages')
    op.drop_index('ix_chunks_document_id_without_vector', table_name='chunks', postgresql_where=sa.text('vector IS NULL'))
    op.drop_index('ix_chunks_bot_id', table_name='chunks')
    op.drop_table('chunks')
    op.drop_table('model_configs')
    op.drop_index('ix_documents_unfinished', table_name='documents', postgresql_where=sa.text("status IN ('queued', 'processing')"))
    op.drop_table('documents')
    op.drop_index('ix_conversations_bot_id_updated_at', table_name='conversations')
    op.drop_table('conversations')
    op.drop_index(op.f('ix_sessions_owner_id'), table_name='sessions')
    op.drop_table('sessions')
    op.drop_index('ix_bots_owner_id_id', table_name='bots')
    op.drop_table('bots')
    op.drop_table('users')
    op.execute("DROP FUNCTION bytchat_lexemes(regconfig, text)")
