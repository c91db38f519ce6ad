"""Requests that people keep, each under a name: `/weekly` in the box stands for its text. A person's own go before the shop's."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col, select

from agent.db.accounts import SavedPromptRow
from agent.db.engine import Database
from agent.errors import Conflict, Invalid, NotAllowed, NotFound
from agent.records import Principal, Scope

LONGEST_NAME, LONGEST_TEXT = 40, 4_000
MOST = 200
"""That one person sees."""
_NAME = re.compile(r"[^\W_](?:[\w-]*\w)?")
_CALLED = re.compile(r"/([^\W_](?:[\w-]*\w)?)(?=\s|$)")
_TAKEN = "There is already a saved prompt called /{}; choose another name."


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPrompt:
    id: str
    name: str
    """As it is typed after the slash: no capitals, no spaces."""
    text: str
    shared: bool
    """Everybody in the shop has it."""
    made_by: str
    """Principal id."""

    def may_change(self, principal: Principal) -> bool:
        return self.made_by == principal.id or (self.shared and principal.may(Scope.ADMIN))


class SavedPrompts:
    """The saved prompts of an installation."""

    def __init__(self, db: Database, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._db, self._now = db, now

    async def of(self, principal: Principal) -> Sequence[SavedPrompt]:
        """All that this person can call, by name; of two with one name their own comes first."""
        wanted = (
            select(SavedPromptRow).where(_seen_by(principal)).order_by(SavedPromptRow.name, col(SavedPromptRow.person_id).is_(None)).limit(2 * MOST)
        )
        return await self._db.read(lambda session: [_prompt(row) for row in session.scalars(wanted)])

    async def meant(self, text: str, principal: Principal) -> str:
        """What a request says: in place of a name at its start, such as `/weekly`, the text kept under it; what follows stays after it.

        Raises:
            Invalid: Nothing is kept under that name.
        """
        called = _CALLED.match(text)
        if called is None:
            return text
        name = folded(called[1])
        found = next((each for each in await self.of(principal) if each.name == name), None)
        if found is None:
            raise Invalid(f"No saved prompt is called /{name}. Put something before the slash if you mean it as it stands.", field="text")
        rest = text[called.end() :].strip()
        return f"{found.text} {rest}" if rest else found.text

    async def keep(self, name: str, text: str, principal: Principal, *, shared: bool = False) -> SavedPrompt:
        """
        Raises:
            Invalid: The name or the text cannot be kept, or there are too many.
            Conflict: The name is taken.
            NotAllowed: Only who may approve gives the whole shop something to ask.
        """
        name, text = _checked(name, text)
        _may_share(principal, shared)
        row = SavedPromptRow(
            id=f"prm_{secrets.token_hex(8)}", shop_id=principal.shop, person_id=None if shared else principal.id, made_by=principal.id, name=name,
            text=text, changed_at=self._now(),
        )  # fmt: skip

        def write(session: Session) -> SavedPrompt:
            if (session.scalar(select(func.count()).select_from(SavedPromptRow).where(_seen_by(principal))) or 0) >= MOST:
                raise Invalid(f"{MOST} saved prompts are the most; remove one first.", field="name")
            session.add(row)
            session.flush()
            return _prompt(row)

        return await self._written(write, name)

    async def change(self, id: str, name: str, text: str, principal: Principal, *, shared: bool = False) -> SavedPrompt:
        """
        Raises:
            NotFound: This person has no such prompt.
            Invalid, Conflict, NotAllowed: As for `keep`; a shared one is changed by who made it and by the shop's owners.
        """
        name, text = _checked(name, text)

        def write(session: Session) -> SavedPrompt:
            row = _changeable(session, id, principal)
            if shared and row.person_id is not None:
                _may_share(principal, shared)
            if not shared and row.person_id is None and row.made_by != principal.id:
                raise NotAllowed("Only who wrote it takes it out of what everybody has; you can remove it.")
            row.name, row.text, row.person_id, row.changed_at = name, text, None if shared else principal.id, self._now()
            session.flush()
            return _prompt(row)

        return await self._written(write, name)

    async def remove(self, id: str, principal: Principal) -> SavedPrompt:
        """What it was.

        Raises:
            NotFound: This person has no such prompt.
            NotAllowed: Somebody else shared it, and they own no part of the shop.
        """

        def write(session: Session) -> SavedPrompt:
            row = _changeable(session, id, principal)
            session.delete(row)
            return _prompt(row)

        return await self._db.write(write)

    async def _written(self, write: Callable[[Session], SavedPrompt], name: str) -> SavedPrompt:
        try:
            return await self._db.write(write)
        except IntegrityError as error:
            raise Conflict(_TAKEN.format(name)) from error


def folded(name: str) -> str:
    """A name as it is compared: one form of each letter, no case, no slash before it, dashes for spaces."""
    return "-".join(unicodedata.normalize("NFKC", name).casefold().strip().removeprefix("/").split())


def _checked(name: str, text: str) -> tuple[str, str]:
    name, text = folded(name), text.strip()
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise Invalid(f"A name has letters, digits and dashes, {LONGEST_NAME} at most, such as weekly-report.", field="name")
    if not text or len(text) > LONGEST_TEXT:
        raise Invalid(f"Write what is to be asked, in {LONGEST_TEXT} characters at most.", field="text")
    if _CALLED.match(text):
        raise Invalid("A saved prompt begins with no other's name.", field="text")
    return name, text


def _may_share(principal: Principal, shared: bool) -> None:
    if shared and not principal.may(Scope.APPROVE):
        raise NotAllowed("Someone with the right to approve shares prompts with the shop; keep it for yourself.")


def _seen_by(principal: Principal) -> ColumnElement[bool]:
    own: ColumnElement[bool] = col(SavedPromptRow.person_id) == principal.id
    return (col(SavedPromptRow.shop_id) == principal.shop) & or_(own, col(SavedPromptRow.person_id).is_(None))


def _changeable(session: Session, id: str, principal: Principal) -> SavedPromptRow:
    row = session.scalar(select(SavedPromptRow).where(SavedPromptRow.id == id, _seen_by(principal)))
    if row is None:
        raise NotFound("saved prompt")
    if not _prompt(row).may_change(principal):
        raise NotAllowed("Who shared it and the shop's owners change it.")
    return row


def _prompt(row: SavedPromptRow) -> SavedPrompt:
    return SavedPrompt(id=row.id, name=row.name, text=row.text, shared=row.person_id is None, made_by=row.made_by)
