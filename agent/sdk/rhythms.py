"""When something recurs: every day, week or month at a time, in the shop's time zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LAST = 31
"""Of a month: the 31st is its last day, whichever that is; so are the 29th and 30th of a shorter one."""
_FAR = 800


class Rhythm(BaseModel):
    """`every` hour, day, week (on `weekdays`) or month (on `day`, or every `months` months), at `at`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    every: Literal["hour", "day", "week", "month"]
    at: str = Field(default="09:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """Hours and minutes on the shop's clock. Of an hour only the minutes count."""
    weekdays: tuple[int, ...] = ()
    """0 is Monday. For a week; none is Monday."""
    day: int = Field(default=1, ge=1, le=LAST)
    """Of the month."""
    months: int = Field(default=1, ge=1, le=12)
    """3 is every quarter, 12 every year: in January and every so many months after it."""

    @property
    def time(self) -> time:
        hour, minute = self.at.split(":")
        return time(int(hour), int(minute))

    def __str__(self) -> str:
        """ "every Monday at 09:00"."""
        match self.every:
            case "hour":
                return "every hour" + (f" at {self.time.minute} past" if self.time.minute else "")
            case "day":
                return f"every day at {self.at}"
            case "week":
                return f"every {_week(self._weekdays)} at {self.at}"
            case "month":
                often = {1: "every month", 3: "every quarter", 12: "every year"}.get(self.months, f"every {self.months} months")
                return f"{often} on {'the last day' if self.day == LAST else f'the {ordinal(self.day)}'} at {self.at}"

    def after(self, moment: datetime, time_zone: str) -> datetime:
        """The next time strictly after `moment`, in UTC. A time that a clock change leaves out falls on the moment it would have been."""
        return next(self.from_(moment, time_zone))

    def from_(self, moment: datetime, time_zone: str) -> Iterator[datetime]:
        """Every time after `moment`, in UTC, for more than two years."""
        zone = ZoneInfo(time_zone)
        if self.every == "hour":
            yield from self._hours(moment)
        first = moment.astimezone(zone).date()
        for days in range(_FAR):
            day = first + timedelta(days=days)
            at = datetime.combine(day, self.time, zone).astimezone(UTC)
            if self._on(day) and at > moment:
                yield at

    @property
    def _weekdays(self) -> tuple[int, ...]:
        return self.weekdays or (0,)

    def _hours(self, moment: datetime) -> Iterator[datetime]:
        at = moment.astimezone(UTC).replace(minute=self.time.minute, second=0, microsecond=0)
        while True:
            if at > moment:
                yield at
            at += timedelta(hours=1)

    def _on(self, day: date) -> bool:
        if self.every == "week":
            return day.weekday() in self._weekdays
        if self.every == "month":
            last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            return day.day == min(self.day, last.day) and (day.month - 1) % self.months == 0
        return True


def ordinal(n: int) -> str:
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def _week(days: tuple[int, ...]) -> str:
    if set(days) == set(range(5)):
        return "working day"
    if set(days) == {5, 6}:
        return "Saturday and Sunday"
    return " and ".join(DAYS[day] for day in days)
