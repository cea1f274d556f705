"""second hearing of utterances"""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

# One by one and not as a batch: SQLite would copy the table, and others point to its rows.


def upgrade() -> None:
    op.add_column(
        'utterances',
        sa.Column('heard_again', sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        'utterances', sa.Column('first_text', sa.Text(), server_default='', nullable=False)
    )
    op.add_column(
        'utterances',
        sa.Column('first_intent', sa.String(length=48), server_default='', nullable=False),
    )


def downgrade() -> None:
    op.drop_column('utterances', 'first_intent')
    op.drop_column('utterances', 'first_text')
    op.drop_column('utterances', 'heard_again')
