"""learning from own calls"""

import sqlalchemy as sa
from alembic import op


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

# One by one and not as a batch: SQLite would copy the table, and others point to its rows.


def upgrade() -> None:
    op.add_column('utterances', sa.Column('second_clear', sa.Float(), nullable=True))
    op.create_table(
        'learning_runs',
        sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('asked_by', sa.String(length=64), server_default='', nullable=False),
        sa.Column('state', sa.String(length=16), server_default='', nullable=False),
        sa.Column('tries', sa.Integer(), server_default='0', nullable=False),
        sa.Column('detail', sa.Text(), server_default='', nullable=False),
        sa.Column('report_json', sa.Text(), server_default='', nullable=False),
        sa.Column('model', sa.String(length=500), server_default='', nullable=False),
        sa.Column('model_before', sa.String(length=500), server_default='', nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('claimed_until', sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_learning_runs')),
    )
    op.create_index(op.f('ix_learning_runs_state'), 'learning_runs', ['state'])


def downgrade() -> None:
    op.drop_index(op.f('ix_learning_runs_state'), table_name='learning_runs')
    op.drop_table('learning_runs')
    op.drop_column('utterances', 'second_clear')
