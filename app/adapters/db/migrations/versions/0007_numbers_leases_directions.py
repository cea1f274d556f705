"""numbers, leases and directions"""

import json
import re

import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

#: Numbers that were given out so far, as (table, column, sequence and number in it).
_NUMBERED = (
    ('field_tickets', 'number', re.compile(r'(T\d{6}-)(\d{4,})')),
    ('customers', 'account_no', re.compile(r'(N\d{6})(\d{4,})')),
)
_CLOSED = ('kept', 'proceeding', 'kept_at_door', 'lost', 'misheard')


def upgrade() -> None:
    op.create_table(
        'number_sequences',
        sa.Column('name', sa.String(length=32), nullable=False),
        sa.Column('value', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_number_sequences')),
    )
    with op.batch_alter_table('short_messages', schema=None) as batch_op:
        batch_op.add_column(sa.Column('claimed_until', sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table('knowledge_jobs', schema=None) as batch_op:
        batch_op.add_column(sa.Column('claimed_until', sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table('calls', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('direction', sa.String(length=8), server_default='inbound', nullable=False)
        )
    _seed_numbers()
    _find_outbound()
    _reopen_cases()


def _seed_numbers() -> None:
    """Every sequence goes on after the greatest number that was given out."""
    connection = op.get_bind()
    greatest: dict[str, int] = {}
    for table, column, pattern in _NUMBERED:
        rows = connection.execute(sa.text(f'SELECT {column} FROM {table}'))  # noqa: S608
        for number in rows.scalars():
            if found := pattern.fullmatch(number):
                name, value = found[1], int(found[2])
                greatest[name] = max(value, greatest.get(name, 0))
    if greatest:
        insert = sa.text('INSERT INTO number_sequences (name, value) VALUES (:name, :value)')
        connection.execute(insert, [{'name': n, 'value': v} for n, v in greatest.items()])


def _find_outbound() -> None:
    """Calls that an agent had made: somebody was wanted for them."""
    connection = op.get_bind()
    rows = connection.execute(sa.text(
        "SELECT id, state_json FROM calls WHERE state_json NOT LIKE '%\"wanted\": null%'"
    )).all()
    outbound = [{'id': key} for key, text in rows if text and json.loads(text).get('wanted')]
    if outbound:
        update = sa.text("UPDATE calls SET direction = 'outbound' WHERE id = :id")
        connection.execute(update, outbound)


def _reopen_cases() -> None:
    """A case that went to the second stage after the formalities was left closed."""
    cases = sa.table('retention_cases', sa.column('phase'), sa.column('closed_at'))
    op.get_bind().execute(
        sa.update(cases).where(cases.c.phase.not_in(_CLOSED)).values(closed_at=None)
    )


def downgrade() -> None:
    with op.batch_alter_table('calls', schema=None) as batch_op:
        batch_op.drop_column('direction')
    with op.batch_alter_table('knowledge_jobs', schema=None) as batch_op:
        batch_op.drop_column('claimed_until')
    with op.batch_alter_table('short_messages', schema=None) as batch_op:
        batch_op.drop_column('claimed_until')
    op.drop_table('number_sequences')
