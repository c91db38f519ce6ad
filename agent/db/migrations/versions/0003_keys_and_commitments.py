"""Keys rotate and have a list of models; providers are checked, and bought of beforehand"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import agent.db.moments

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('provider_checks',
    sa.Column('target', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', agent.db.moments.Moment(timezone=True), nullable=False),
    sa.Column('ok', sa.Boolean(), nullable=False),
    sa.Column('took_ms', sa.Integer(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('target')
    )
    op.create_table('provider_commitments',
    sa.Column('shop_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('provider', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('unit', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('starts_at', agent.db.moments.Moment(timezone=True), nullable=False),
    sa.Column('ends_at', agent.db.moments.Moment(timezone=True), nullable=True),
    sa.Column('created_at', agent.db.moments.Moment(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('shop_id', 'id')
    )
    with op.batch_alter_table('api_keys', schema=None) as batch_op:
        batch_op.add_column(sa.Column('models', sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column('old_secret_sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('old_until', agent.db.moments.Moment(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('rotated_at', agent.db.moments.Moment(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f('ix_api_keys_old_secret_sha256'), ['old_secret_sha256'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('api_keys', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_api_keys_old_secret_sha256'))
        batch_op.drop_column('rotated_at')
        batch_op.drop_column('old_until')
        batch_op.drop_column('old_secret_sha256')
        batch_op.drop_column('models')

    op.drop_table('provider_commitments')
    op.drop_table('provider_checks')
