"""Products have texts for search engines, reviews an answer"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("shop_product", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seo_title", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("seo_description", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False))

    with op.batch_alter_table("shop_review", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reply", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("shop_review", schema=None) as batch_op:
        batch_op.drop_column("reply")

    with op.batch_alter_table("shop_product", schema=None) as batch_op:
        batch_op.drop_column("seo_description")
        batch_op.drop_column("seo_title")
