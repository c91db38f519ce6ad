"""Conversations with names pins and versions, and concerns put off"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import agent.db.moments

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "concerns_put_off",
        sa.Column("shop_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("matter", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("until", agent.db.moments.Moment(timezone=True), nullable=False),
        sa.Column("put_off_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("put_off_at", agent.db.moments.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "matter"),
    )
    op.create_table(
        "thread_pins",
        sa.Column("shop_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("principal_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("thread", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("pinned_at", agent.db.moments.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "principal_id", "thread"),
    )
    op.create_table(
        "threads",
        sa.Column("shop_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("named_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("named_at", agent.db.moments.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "id"),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("follows", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("instead_of", sqlmodel.sql.sqltypes.AutoString(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_column("instead_of")
        batch_op.drop_column("follows")

    op.drop_table("threads")
    op.drop_table("thread_pins")
    op.drop_table("concerns_put_off")
