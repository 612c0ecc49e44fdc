"""Words by document and vectors by model, each in a table of its own; grounding and embedding model of a bot.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects import postgresql

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


# A text as its words are read, so that codes and numbers are the same however they are typed: ERR-2044, ERR2044 and
# err 2044; 1.249 and 1249; 39.90 and 39,90; 910 000 340 and 910000340. Signs beyond ASCII become spaces: under a C locale the parser
# takes them for letters, and reads «¿cuándo» as a word of its own.
SPELT = r"""
CREATE FUNCTION bytchat_spelt(config regconfig, body text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    spelt text := regexp_replace(
        body, '[\u00a0\u2000-\u200a\u202f\u3000×÷±°’‘¿¡«»‹›“”„‟‚…–—―·•€£¥©®™†‡¶§]', ' ', 'g');
BEGIN
    IF spelt ~ '\d[ .]\d\d|[^\s\d]\d' THEN
        spelt := regexp_replace(spelt, '(?<=\d)\.(?=\d{3}(?!\d))', '', 'g');
        spelt := regexp_replace(spelt, '(?<=\d)\.(?=\d{1,2}(?!\d))', ' ', 'g');
        spelt := regexp_replace(spelt, '\m(\d{3}) (\d{3}) (\d{3})\M', '\1\2\3', 'g');
        spelt := regexp_replace(spelt, '\m(\d{3}) (\d{2}) (\d{2}) (\d{2})\M', '\1\2\3\4', 'g');
        IF spelt ~ '\w[-/]\d|[[:alpha:]][._]\d|[[:alpha:]]\d\d' THEN
            spelt := regexp_replace(
                spelt, '(?<=\w)[-/](?=\d)|(?<=[[:alpha:]])[._](?=\d)|(?<=[[:alpha:]])(?=\d\d)', ' ', 'g');
        END IF;
    END IF;
    IF config = 'spanish'::regconfig THEN
        spelt := regexp_replace(spelt, 'ion\M', 'ión', 'gi');
    END IF;
    RETURN spelt;
END $$
"""
# As 0001 made it. Only words with letters beyond ASCII can change when they are unaccented: those alone are read a
# second time. In PL/pgSQL, because of a SQL function the planner writes each step into every place that names it and
# does it as often: twice the time.
LEXEMES = r"""
CREATE OR REPLACE FUNCTION bytchat_lexemes(config regconfig, body text) RETURNS tsvector
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    spelt text := bytchat_spelt(config, body);
    plain tsvector := to_tsvector(config, spelt);
    accented text := (SELECT string_agg(part.word[1], ' ')
                      FROM regexp_matches(spelt, '\S*[^\x01-\x7e]\S*', 'g') AS part(word));
BEGIN
    IF accented IS NULL THEN
        RETURN plain;
    END IF;
    RETURN plain || ts_delete(to_tsvector(config, unaccent(accented)), tsvector_to_array(plain));
END $$
"""
WHOLE_LEXEMES = r"""
CREATE OR REPLACE FUNCTION bytchat_lexemes(config regconfig, body text) RETURNS tsvector
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
# What is embedded of a chunk, as `app.knowledge.train` writes it.
CONTENT_KEY = r"""substring(sha256(convert_to(
    CASE WHEN heading = '' THEN text ELSE heading || E'\n' || text END, 'UTF8')) FROM 1 FOR 16)"""


def upgrade() -> None:
    op.execute(SPELT)
    op.execute(LEXEMES)
    op.create_table('postings',
    sa.Column('bot_id', sa.UUID(), nullable=False),
    sa.Column('lexeme', sa.Text(), nullable=False),
    sa.Column('config', postgresql.REGCONFIG(), nullable=False),
    sa.Column('document_id', sa.UUID(), nullable=False),
    sa.Column('owner_id', sa.UUID(), nullable=False),
    sa.Column('positions', postgresql.ARRAY(sa.Integer()), nullable=False),
    sa.Column('counts', postgresql.ARRAY(sa.SmallInteger()), nullable=False),
    sa.Column('lengths', postgresql.ARRAY(sa.SmallInteger()), nullable=False),
    sa.ForeignKeyConstraint(['document_id', 'bot_id', 'owner_id'], ['documents.id', 'documents.bot_id', 'documents.owner_id'], name=op.f('fk_postings_document_id_bot_id_owner_id_documents'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('bot_id', 'lexeme', 'config', 'document_id', name=op.f('pk_postings'))
    )
    op.create_index('ix_postings_document_id', 'postings', ['document_id'], unique=False)
    op.create_table('vectors',
    sa.Column('bot_id', sa.UUID(), nullable=False),
    sa.Column('document_id', sa.UUID(), nullable=False),
    sa.Column('model', sa.String(length=16), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.UUID(), nullable=False),
    sa.Column('content_key', postgresql.BYTEA(), nullable=False),
    sa.Column('vector', HALFVEC(), nullable=False),
    sa.ForeignKeyConstraint(['document_id', 'bot_id', 'owner_id'], ['documents.id', 'documents.bot_id', 'documents.owner_id'], name=op.f('fk_vectors_document_id_bot_id_owner_id_documents'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('bot_id', 'document_id', 'model', 'position', name=op.f('pk_vectors'))
    )
    # Beside its row and not in TOAST: a scan reads every one of a bot.
    op.execute("ALTER TABLE vectors ALTER COLUMN vector SET STORAGE PLAIN")
    op.create_index('ix_vectors_model_content_key', 'vectors', ['model', 'content_key'], unique=False)
    op.add_column('documents', sa.Column('config', postgresql.REGCONFIG(), nullable=True))
    op.add_column('documents', sa.Column('words', sa.BigInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('documents', sa.Column('embedding_due', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('documents', sa.Column('chunks_embedded_next', sa.Integer(), server_default=sa.text('0'), nullable=False))
    op.create_index('ix_documents_embedding_due', 'documents', ['published_at'], unique=False, postgresql_where=sa.text('embedding_due'))
    op.add_column('chunks', sa.Column('overlap', sa.Integer(), server_default=sa.text('0'), nullable=False))
    op.add_column('chunks', sa.Column('gap', sa.Text(), nullable=True))
    op.add_column('chunks', sa.Column('content_key', postgresql.BYTEA(), nullable=True))
    _move()
    op.alter_column('chunks', 'content_key', nullable=False)
    op.drop_column('chunks', 'vector')
    op.drop_column('chunks', 'lexemes')
    op.drop_column('chunks', 'length')
    op.drop_column('chunks', 'config')
    # Gone with its column where it was a partial index on the vector.
    op.execute("DROP INDEX IF EXISTS ix_chunks_document_id_without_vector")
    op.execute("DROP INDEX IF EXISTS ix_chunks_bot_id")
    op.add_column('users', sa.Column('words_served_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('users', sa.Column('vectors_served_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('bots', sa.Column('grounding', sa.String(length=16), server_default=sa.text("'open'"), nullable=False))
    op.add_column('bots', sa.Column('min_score', sa.Double(), server_default=sa.text('0.5'), nullable=False))
    op.add_column('bots', sa.Column('refusal', sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column('bots', sa.Column('embedding_model', sa.String(length=16), server_default=sa.text("'local'"), nullable=False))
    op.add_column('bots', sa.Column('next_embedding_model', sa.String(length=16), nullable=True))
    op.add_column('bots', sa.Column('embedding_error', sa.String(length=64), nullable=True))


def _move() -> None:
    """What is stored stays searchable: nothing is embedded again."""
    op.execute("""
        INSERT INTO postings (bot_id, lexeme, config, document_id, owner_id, positions, counts, lengths)
        SELECT bot_id, word.lexeme, config, document_id, owner_id,
               array_agg(position ORDER BY position),
               array_agg(cardinality(word.positions)::smallint ORDER BY position),
               array_agg(least(held, 32767)::smallint ORDER BY position)
        FROM (SELECT *, (SELECT sum(cardinality(one.positions)) FROM unnest(made) AS one) AS held
              FROM (SELECT *, bytchat_lexemes(config, concat_ws(E'\\n', nullif(heading, ''), text)) AS made
                    FROM chunks OFFSET 0) AS chunk OFFSET 0) AS chunk
        CROSS JOIN LATERAL unnest(chunk.made) AS word
        GROUP BY bot_id, word.lexeme, config, document_id, owner_id
    """)
    op.execute("""
        UPDATE documents SET config = told.config FROM (SELECT DISTINCT document_id, config FROM chunks) AS told
        WHERE documents.id = told.document_id
    """)
    op.execute("""
        UPDATE documents SET words = told.words
        FROM (SELECT document_id, sum(count) AS words FROM postings CROSS JOIN LATERAL unnest(counts) AS count
              GROUP BY document_id) AS told
        WHERE documents.id = told.document_id
    """)
    op.execute(f"UPDATE chunks SET content_key = {CONTENT_KEY}")
    op.execute("""
        INSERT INTO vectors (bot_id, document_id, model, position, owner_id, content_key, vector)
        SELECT bot_id, document_id, 'local', position, owner_id, content_key, vector
        FROM chunks WHERE vector IS NOT NULL ORDER BY bot_id, document_id, position
    """)


def downgrade() -> None:
    op.drop_column('bots', 'embedding_error')
    op.drop_column('bots', 'next_embedding_model')
    op.drop_column('bots', 'embedding_model')
    op.drop_column('bots', 'refusal')
    op.drop_column('bots', 'min_score')
    op.drop_column('bots', 'grounding')
    op.drop_column('users', 'vectors_served_at')
    op.drop_column('users', 'words_served_at')
    op.execute(WHOLE_LEXEMES)
    op.execute('DROP FUNCTION bytchat_spelt(regconfig, text)')
    op.add_column('chunks', sa.Column('config', postgresql.REGCONFIG(), nullable=True))
    op.add_column('chunks', sa.Column('lexemes', postgresql.TSVECTOR(), nullable=True))
    op.add_column('chunks', sa.Column('length', sa.Integer(), nullable=True))
    op.add_column('chunks', sa.Column('vector', HALFVEC(), nullable=True))
    op.execute("""
        UPDATE chunks SET config = documents.config FROM documents WHERE documents.id = chunks.document_id
    """)
    op.execute("""
        UPDATE chunks SET config = coalesce(config, 'simple'::regconfig),
                          lexemes = bytchat_lexemes(coalesce(config, 'simple'::regconfig), text)
    """)
    op.execute("""
        UPDATE chunks SET length = (SELECT coalesce(sum(cardinality(word.positions)), 0) FROM unnest(lexemes) AS word),
            vector = (SELECT vector FROM vectors WHERE vectors.document_id = chunks.document_id
                      AND vectors.bot_id = chunks.bot_id AND vectors.position = chunks.position AND model = 'local')
    """)
    op.alter_column('chunks', 'config', nullable=False)
    op.alter_column('chunks', 'lexemes', nullable=False)
    op.alter_column('chunks', 'length', nullable=False)
    op.create_index('ix_chunks_bot_id', 'chunks', ['bot_id'], unique=False)
    op.create_index('ix_chunks_document_id_without_vector', 'chunks', ['document_id'], unique=False, postgresql_where=sa.text('vector IS NULL'))
    op.drop_column('chunks', 'content_key')
    op.drop_column('chunks', 'gap')
    op.drop_column('chunks', 'overlap')
    op.drop_index('ix_documents_embedding_due', table_name='documents', postgresql_where=sa.text('embedding_due'))
    op.drop_column('documents', 'chunks_embedded_next')
    op.drop_column('documents', 'embedding_due')
    op.drop_column('documents', 'words')
    op.drop_column('documents', 'config')
    op.drop_index('ix_vectors_model_content_key', table_name='vectors')
    op.drop_table('vectors')
    op.drop_index('ix_postings_document_id', table_name='postings')
    op.drop_table('postings')
