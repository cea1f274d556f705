"""finished calls heard again

Calls that ended before this release are left as they are: an archive of years would be heard first.
"""

import sqlalchemy as sa
from alembic import op


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'rehearings',
        sa.Column('call_id', sa.String(length=32), nullable=False),
        sa.Column('day', sa.String(length=10), server_default='', nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('state', sa.String(length=16), server_default='', nullable=False),
        sa.Column('tries', sa.Integer(), server_default='0', nullable=False),
        sa.Column('why', sa.String(length=32), server_default='', nullable=False),
        sa.Column('claimed_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ['call_id'], ['calls.id'], name=op.f('fk_rehearings_call_id_calls')
        ),
        sa.PrimaryKeyConstraint('call_id', name=op.f('pk_rehearings')),
    )
    op.create_index('ix_rehearings_state_day', 'rehearings', ['state', 'day'])
    # one by one and not as a batch: SQLite would copy the table, and others may point to its rows
    op.add_column(
        'voicemails', sa.Column('first_text', sa.Text(), server_default='', nullable=False)
    )
    op.add_column(
        'callbacks', sa.Column('first_text', sa.Text(), server_default='', nullable=False)
    )


def downgrade() -> None:
    op.drop_column('callbacks', 'first_text')
    op.drop_column('voicemails', 'first_text')
    op.drop_index('ix_rehearings_state_day', 'rehearings')
    op.drop_table('rehearings')
