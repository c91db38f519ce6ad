"""the code an order was placed with"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        batch_op.add_column(sa.Column("discount_code", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    # The demo shop has noted the code as a tag on the order all along; no other shop's tags are taken for codes.
    op.execute(
        """
        update shop_order set discount_code = (
            select min(d.code) from shop_discount d join shop_tag t on t.shop_id = d.shop_id and t.kind = 'order' and t.folded = lower(d.code)
            where d.shop_id = shop_order.shop_id and t.record_id = shop_order.id
        ) where shop_id in (select id from shop where name = 'demo' and title = 'Fern & Tide')
        """
    )


def downgrade() -> None:
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        batch_op.drop_column("discount_code")
