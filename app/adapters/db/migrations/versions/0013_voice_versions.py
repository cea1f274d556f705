"""voices of the robot"""

import sqlalchemy as sa
from alembic import op


revision = '0013'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('voice_versions',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('voice', sa.String(length=80), server_default='', nullable=False),
    sa.Column('pace', sa.Integer(), server_default='0', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=64), server_default='', nullable=False),
    sa.Column('note', sa.String(length=200), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_voice_versions'))
    )


def downgrade() -> None:
    op.drop_table('voice_versions')
