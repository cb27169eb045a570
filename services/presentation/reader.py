"""Who reads, and how moments, numbers and durations read to that person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, get_timezone_name
from babel.numbers import format_decimal, get_decimal_symbol

from services.presentation.languages import LANGUAGES, SOURCE_LANGUAGE, translations_of


@dataclass(frozen=True, slots=True)
class Reader:
    """A person's language and time zone. Every moment that a page or a file shows goes through here.

    Patterns of dates stand in the catalogues, in the notation of CLDR: languages order them differently.
    """

    locale: Locale
    zone: ZoneInfo
    gettext: Callable[[str], str]
    ngettext: Callable[[str, str, int], str]

    def local(self, moment: datetime) -> datetime:
        """The same instant on the reader's clock."""
        return moment.astimezone(self.zone)

    def day(self, moment: datetime, today: date | None) -> str:
        """A day as people say it: hoy, ayer, else the whole date. Without `today`, as for paper: always the date."""
        local = self.local(moment).date()
        if local == today:
            return self.gettext("Hoy")
        if today is not None and (today - local).days == 1:
            return self.gettext("Ayer")
        return format_date(local, self.gettext("EEEE d 'de' MMMM 'de' y"), locale=self.locale)

    def clock(self, moment: datetime) -> str:
        """Hours and minutes."""
        return format_time(self.local(moment), "HH:mm", locale=self.locale)

    def clock_seconds(self, moment: datetime) -> str:
        """Hours, minutes and seconds, where the order of two moments matters."""
        return format_time(self.local(moment), "HH:mm:ss", locale=self.locale)

    def short(self, moment: datetime, today: date) -> str:
        """A moment for a dense table: the clock today, the day this year, the date before."""
        local = self.local(moment)
        if local.date() == today:
            return f"{self.gettext('Hoy')} {self.clock(moment)}"
        if (today - local.date()).days == 1:
            return f"{self.gettext('Ayer')} {self.clock(moment)}"
        if local.year != today.year:
            return self.dated(local)
        return format_datetime(local, self.gettext("d MMM, HH:mm"), locale=self.locale)

    def dated(self, moment: datetime) -> str:
        """A moment with its year, to the minute."""
        return format_datetime(self.local(moment), self.gettext("d MMM y, HH:mm"), locale=self.locale)

    def exact(self, moment: datetime) -> str:
        """A moment with its year, to the second: for what is printed."""
        return format_datetime(self.local(moment), self.gettext("d MMM y, HH:mm:ss"), locale=self.locale)

    def full(self, moment: datetime) -> str:
        """A moment that leaves no question, with its zone: for titles and for machines' readers."""
        pattern = self.gettext("d 'de' MMMM 'de' y, HH:mm:ss")
        text = format_datetime(self.local(moment), pattern, locale=self.locale)
        return f"{text} ({self.offset(moment)})"

    @property
    def delimiter(self) -> str:
        """What spreadsheets in this language part cells by: a semicolon where the comma is the decimal sign."""
        return ";" if get_decimal_symbol(self.locale) == "," else ","

    def number(self, value: float) -> str:
        """A number with this language's separators, without zeros nobody asked for."""
        return format_decimal(value, locale=self.locale)

    def zone_name(self, now: datetime) -> str:
        """The zone as people know it, with its present offset: hora de São Paulo (UTC−3)."""
        if self.zone.key == "UTC":  # no country's clock follows it, so locale data have no name for it
            return "UTC"
        name = get_timezone_name(self.zone, width="long", locale=self.locale, zone_variant="generic")
        return f"{name} ({self.offset(now)})"

    def offset(self, moment: datetime) -> str:
        """The zone's offset at a moment: UTC−3, UTC+5:30."""
        delta = self.local(moment).utcoffset()
        minutes = 0 if delta is None else int(delta.total_seconds() // 60)
        if minutes == 0:
            return "UTC"
        sign = "+" if minutes > 0 else "−"
        hours, rest = divmod(abs(minutes), 60)
        return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")

    def duration(self, seconds: float | None) -> str:
        """A span in its two largest units: 45 s, 3 min 20 s, 2 h 5 min, 4 d 3 h. Absent: a dash."""
        if seconds is None:
            return "—"
        whole = int(seconds)
        days, rest = divmod(whole, 86_400)
        hours, rest = divmod(rest, 3_600)
        minutes, secs = divmod(rest, 60)
        units = [(days, "d"), (hours, "h"), (minutes, "min"), (secs, "s")]
        first = next((place for place, (amount, _) in enumerate(units) if amount), 3)
        shown = [units[first], *[unit for unit in units[first + 1 : first + 2] if unit[0]]]
        return " ".join(f"{amount} {name}" for amount, name in shown)

    def bytes(self, size: int | None) -> str:
        """A file's size: 830 B, 12,4 kB, 3,1 MB. Absent: nothing."""
        if size is None:
            return ""
        amount = float(size)
        for unit in ("B", "kB", "MB", "GB"):
            if amount < 1_000 or unit == "GB":
                digits = "#,##0" if unit == "B" or amount >= 100 else "#,##0.#"
                return f"{format_decimal(amount, digits, locale=self.locale)} {unit}"
            amount /= 1_000
        return ""

    def seconds_ago(self, seconds: float) -> str:
        """An age in words for the header: hace 0,8 s, hace 4 min."""
        if seconds < 10:
            amount = format_decimal(seconds, "0.0", locale=self.locale) + " s"
        else:
            amount = self.duration(seconds)
        return self.gettext("hace {amount}").format(amount=amount)


def iso(moment: datetime) -> str:
    """A moment for `<time datetime>`: RFC 3339 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name; one nobody knows reads as UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def make_reader(language: str, timezone: str) -> Reader:
    """How a person reads. A language without a catalogue reads in Spanish; an unknown zone is UTC."""
    known = language if language in LANGUAGES else SOURCE_LANGUAGE
    words = translations_of(known)
    return Reader(
        locale=Locale.parse(known),
        zone=zone_of(timezone),
        gettext=words.ugettext,
        ngettext=words.ungettext,
    )
