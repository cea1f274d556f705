"""second hearing of utterances"""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('utterances', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('heard_again', sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column('first_text', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(
            sa.Column('first_intent', sa.String(length=48), server_default='', nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table('utterances', schema=None) as batch_op:
        batch_op.drop_column('first_intent')
        batch_op.drop_column('first_text')
        batch_op.drop_column('heard_again')
