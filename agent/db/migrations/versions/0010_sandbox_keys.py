"""sandbox keys and where runs are under way"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import agent.db.moments

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('api_keys', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sandbox_shop_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True))

    with op.batch_alter_table('runs', schema=None) as batch_op:
        batch_op.add_column(sa.Column('executor', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('stop_asked', sa.Boolean(), nullable=False, server_default=sa.false()))



def downgrade() -> None:
    with op.batch_alter_table('runs', schema=None) as batch_op:
        batch_op.drop_column('stop_asked')
        batch_op.drop_column('executor')

    with op.batch_alter_table('api_keys', schema=None) as batch_op:
        batch_op.drop_column('sandbox_shop_id')

