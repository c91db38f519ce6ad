"""Orders have a whole address and a reason why they were cancelled, parcels have lines, and there are draft orders"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import agent.db.moments

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shop_draft_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", agent.db.moments.Moment(timezone=True), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("discount", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["shop_customer.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("shop_id", "number"),
    )
    op.create_table(
        "shop_draft_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.Integer(), nullable=True),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["shop_draft_order.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["variant_id"], ["shop_variant.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("shop_id", "draft_id", "ordinal"),
    )
    op.create_table(
        "shop_fulfilment_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("fulfilment_id", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["fulfilment_id"], ["shop_fulfilment.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["order_line_id"], ["shop_order_line.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("shop_id", "fulfilment_id", "order_line_id"),
    )
    with op.batch_alter_table("shop_fulfilment_line", schema=None) as batch_op:
        batch_op.create_index("ix_shop_fulfilment_line_line", ["order_line_id"], unique=False)

    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        batch_op.add_column(sa.Column("postcode", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("street", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("recipient", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("cancel_reason", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        batch_op.drop_column("cancel_reason")
        batch_op.drop_column("recipient")
        batch_op.drop_column("street")
        batch_op.drop_column("postcode")

    with op.batch_alter_table("shop_fulfilment_line", schema=None) as batch_op:
        batch_op.drop_index("ix_shop_fulfilment_line_line")

    op.drop_table("shop_fulfilment_line")
    op.drop_table("shop_draft_line")
    op.drop_table("shop_draft_order")
