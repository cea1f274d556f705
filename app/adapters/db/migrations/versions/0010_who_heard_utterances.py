"""which models heard an utterance, and what was really said"""

import sqlalchemy as sa
from alembic import op


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

# One by one and not as a batch: SQLite would copy the table, and others point to its rows.


def upgrade() -> None:
    for name in ('first_model', 'second_model'):
        op.add_column(
            'utterances', sa.Column(name, sa.String(length=80), server_default='', nullable=False)
        )
    op.add_column(
        'utterances', sa.Column('right_text', sa.Text(), server_default='', nullable=False)
    )


def downgrade() -> None:
    for name in ('right_text', 'second_model', 'first_model'):
        op.drop_column('utterances', name)
