"""The only reader of the environment and the config file. What is wrong is said with its line and the remedy."""

from __future__ import annotations

import ast
import inspect
import itertools
import os
import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from agent.errors import SettingsError
from agent.misfits import remedy

CONFIG_NAME = "storehand.toml"
_VARIABLES = {"data": "STOREHAND_DATA", "database": "STOREHAND_DATABASE", "shop": "STOREHAND_SHOP"}


class Part(BaseModel):
    """A table of the config file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def meanings(cls) -> dict[str, str]:
        """Setting to the string under it. Only the panel's page shows them, and reading them out of the source at each start took 20 ms."""
        try:
            (declared,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
        except OSError:  # installed without its source: the names of the settings have to do
            return {}
        assert isinstance(declared, ast.ClassDef)
        found = {}
        for line, below in itertools.pairwise(declared.body):
            match line, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(meaning))):
                    found[name] = inspect.cleandoc(meaning)
        return found


def _https_or_loopback(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http(s) address, such as https://llm.example/v1")
    return url.rstrip("/")


Ability = Literal["json_schema", "tools", "images", "streaming", "usage"]


class Price(Part):
    """US dollars per million tokens."""

    input: Decimal = Field(ge=0)
    output: Decimal = Field(ge=0)
    cached: Decimal | None = Field(default=None, ge=0)
    """Of input tokens read from a cache; None for the price of input."""
    cache_write: Decimal | None = Field(default=None, ge=0)
    """Of input tokens written to a cache; None for the price of input."""


class Model(Part):
    window: int | None = Field(default=None, gt=0)
    """Tokens that fit, input and output together."""
    price: Price | None = None
    lacks: list[Ability] = []
    """Abilities that this model has not, besides those its server has not."""
    replacement: str | None = None
    """Model of the same provider to use when this one is retired."""


class ProviderSettings(Part):
    dialect: Literal["openai", "openai_responses", "anthropic", "gemini"] = "openai"
    base_url: Annotated[str, AfterValidator(_https_or_loopback)]
    key: str | None = None
    """env:NAME, file:PATH, or the literal for a loopback test server."""
    lacks: list[Ability] = []
    models: dict[str, Model] = {}
    residency: str | None = None
    """Where this server keeps what it is sent, in the operator's own words ("eu"); an alias may ask for it."""
    limit_field: Literal["max_tokens", "max_completion_tokens"] | None = None
    """What an OpenAI-compatible server calls the most tokens of an answer; None for what the catalogue says."""
    path: str | None = Field(default=None, pattern="^/")
    """Path of the calls under base_url where it is not the dialect's own; `{model}` stands for the model."""
    key_header: str | None = Field(default=None, pattern="^[a-z0-9-]+$")
    """Header of the key where it is not the dialect's own, such as api-key."""
    query: str | None = Field(default=None, pattern=r"^\?")
    """Appended to the address, such as ?api-version=2026-10-01."""
    proxy: str | None = Field(default=None, pattern=r"^(none|env:.+|https?://.+)$")
    """HTTP proxy that calls go through: its address, env:NAME, or "none"; None for what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say."""

    def __repr__(self) -> str:  # a literal key must not reach a log
        return f"ProviderSettings({self.dialect}, {self.base_url})"


class WeightedTarget(Part):
    target: str = Field(pattern=r"^[^/]+/.+$")
    weight: float = Field(gt=0)


class Hedging(Part):
    """A second call beside a slow first one: only for short whole answers, whichever is good first counts, and both are paid for."""

    after_s: float | None = Field(default=None, gt=0)
    """How long the first has alone; None for the time within which 95 of 100 of its answers came lately."""
    share: float = Field(default=0.05, gt=0, le=1)
    """Most second calls in relation to first ones."""
    max_output: int = Field(default=1024, gt=0)
    """Only for requests of at most so many tokens of answer."""


TargetName = Annotated[str, Field(pattern=r"^[^/]+/.+$")]


class Alias(Part):
    targets: list[TargetName | WeightedTarget] = Field(min_length=1)
    strategy: Literal["order", "weighted", "cheapest", "fastest"] = "order"
    on_content_filter: Literal["refuse", "failover"] = "refuse"
    on_cut: Literal["error", "restart"] = "error"
    """What a caller of the proxy sees when a stream that has begun breaks: an error in its dialect, or a `restart` event and another answer."""
    residency: str | None = None
    """Only servers with this residency tag."""
    max_output: int = Field(default=4096, gt=0)
    """Most tokens of an answer when a caller sets no limit."""
    hedge: Hedging | None = None
    """None for no second calls."""
    affinity: bool = True
    """Whether a conversation stays with the target that has it in its prompt cache, as long as that one is well."""


class Deadlines(Part):
    connect_s: float = Field(default=2, gt=0)
    first_token_s: float = Field(default=20, gt=0)
    """Longest wait for the first content."""
    first_token_least_s: float = Field(default=5, gt=0)
    """Shortest. In between it follows what was measured of the model lately; not below `first_token_s` means that it is always that."""
    between_tokens_s: float = Field(default=15, gt=0)
    least_per_s: float = Field(default=1, ge=0)
    """Characters a second that an answer must bring once it has begun, over twice `between_tokens_s`: what trickles is as good as dead. 0 for any."""
    total_s: float = Field(default=120, gt=0)
    max_bytes: int = Field(default=8_000_000, gt=0)


class GatewaySettings(Part):
    deadlines: Deadlines = Deadlines()
    residency: str | None = None
    """Only servers with this residency tag, whatever is asked for; an alias may name another one for itself."""
    requests_per_minute: int | None = Field(default=None, gt=0)
    """Most requests of one key to the proxy in a minute; when not set, there is no limit."""


class TelemetrySettings(Part):
    """Who may read `/metrics`, and spans for a collector of OpenTelemetry."""

    metrics: Literal["open", "key"] | None = None
    """Whether `/metrics` is open or needs a key with the scope admin; when not set, it is open as long as only this machine reaches the service."""
    otlp_endpoint: str | None = Field(default=None, pattern="^https?://[^?#]+$")
    """Address of the collector (OTLP over HTTP), such as http://localhost:4318; when not set, no spans are sent. The extra [telemetry] brings what it needs."""  # noqa: E501  # one sentence of the catalogue
    service_name: str = Field(default="storehand", min_length=1)
    sample: float = Field(default=1.0, ge=0, le=1)
    """Share of the traces that are sent; a caller's own trace keeps the caller's decision."""
    capture_content: bool = False
    """Whether spans hold what was asked and answered. Merchants' and customers' words then lie in the collector."""


class LimitSettings(Part):
    """What no approval can exceed: kept here and in code, never in a prompt."""

    price_move_percent: Decimal = Field(default=Decimal(80), gt=0)
    """Largest move of one price, up or down, in percent of what it was."""
    discount_percent: Decimal = Field(default=Decimal(70), gt=0, le=100)
    """Highest discount a code may give."""
    margin_floor_percent: Decimal = Field(default=Decimal(0), ge=-100)
    """A price may not go below cost plus this percent; -100 switches the floor off."""
    items_per_change: int = Field(default=500, gt=0)
    """Most items in one change set."""
    largest_refund: Decimal | None = Field(default=None, ge=0)
    """The most that one proposal may give back to customers, in the shop's currency; no limit by default."""
    confirm_items: int | None = Field(default=None, gt=0)
    """From this many items on, the number has to be typed to approve; none asks for it by default."""
    confirm_price_percent: Decimal | None = Field(default=None, gt=0)
    """From a price move of this many percent on, a word has to be typed to approve."""
    approval_hours: int = Field(default=72, gt=0)
    """How long a proposal waits before it expires."""

    @property
    def approval_ttl(self) -> timedelta:
        return timedelta(hours=self.approval_hours)


class StudentSettings(Part):
    """What may be kept to make better students of."""

    consent: bool = False
    """Whether requests, and texts on which two versions of a student disagree, may be learned from."""


class WebhookSettings(Part):
    allow_private: bool = False
    """Whether messages may go into this machine's own network, by http too: for a receiver beside Storehand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where settings were read from."""

    file: str | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    """Dotted key to the line of the file that says it."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Key to the variable of the environment that said it instead."""
    given: frozenset[str] = frozenset()
    """Keys that the command line said."""


class PanelSettings(Part):
    frame_ancestors: list[Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.*-]+(:\d+)?$")]] = []
    """Origins whose pages may hold the panel in a frame, such as https://admin.example; none of other origins unless named."""
    image_hosts: list[Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.*-]+(:\d+)?$")]] = []
    """Origins that photos of products may come from, such as https://cdn.shopify.com; no browser is sent to any other for them."""


class Settings(Part):
    data: Path = Field(default_factory=lambda: user_data_path("storehand", appauthor=False))
    """Folder of everything Storehand keeps."""
    database: str | None = None
    """postgresql+psycopg://…; when not set, it is SQLite in the data folder."""
    shop: str = "demo"
    """The shop meant when none is named."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str | None = None
    """Address people reach the panel at, when another server stands in front; cookies are marked secure when it is https."""
    run_timeout_s: float = Field(default=120, gt=0)
    operator: Path | None = None
    """Folder whose prompts and models win over the bundled ones."""
    providers: dict[str, ProviderSettings] = {}
    aliases: dict[str, Alias] = {}
    gateway: GatewaySettings = GatewaySettings()
    limits: LimitSettings = LimitSettings()
    webhooks: WebhookSettings = WebhookSettings()
    panel: PanelSettings = PanelSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    students: StudentSettings = StudentSettings()
    _origin: Origin = PrivateAttr(default_factory=Origin)

    @property
    def origin(self) -> Origin:
        """Which file, variable or option said what."""
        return self._origin

    @property
    def metrics_are_open(self) -> bool:
        """Whether `/metrics` asks for no key. A server in front of this one may show the world what listens on loopback."""
        if self.telemetry.metrics is not None:
            return self.telemetry.metrics == "open"
        return is_loopback(self.host) and self.public_url is None

    @property
    def database_path(self) -> Path:
        return self.data / "storehand.db"


def load(config: Path | None = None, *, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings from the config file, then the environment, then `overrides` (the command line); later ones win.

    Args:
        config: The file; None means STOREHAND_CONFIG, else storehand.toml in the working directory, else none.
        environ: The environment; the process's own when None.
        overrides: Top-level settings; None values are left out.

    Raises:
        SettingsError: A file is missing or not TOML, a key is unknown or a value wrong; says which line and what to write.
    """
    env = os.environ if environ is None else environ
    path, text = _source(config, env)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}.") from error
    variables = {name: variable for name, variable in _VARIABLES.items() if env.get(variable)}
    given = {name: value for name, value in overrides.items() if value is not None}
    values |= {name: env[variable] for name, variable in variables.items()} | given
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(_explain(path, text, error)) from None
    settings._origin = Origin(file=str(path) if text else None, lines=dict(_written(text)), variables=variables, given=frozenset(given))
    _check_targets(settings, path, text)
    if settings.operator is not None and not settings.operator.is_dir():
        where = f"{path}, line {line}: " if (line := _line_of(text, ["operator"])) else ""
        raise SettingsError(f"{where}`operator`: there is no folder {settings.operator}.")
    return settings


def one_thread_for_small_products() -> None:
    """Tell numpy's BLAS, which looks once when it is first imported, to start no threads, unless the environment says how many.

    A student's head is one small product: the thread that is woken for it on another core made a read take 15 to 23 instead of
    7.5 ms beside other work.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def secret(reference: str, *, base_url: str, environ: Mapping[str, str] | None = None) -> str:
    """The key that `env:NAME`, `file:PATH` or a literal stands for.

    Raises:
        SettingsError: The variable or file is missing, or a literal is given for a server that is not on loopback.
    """
    env = os.environ if environ is None else environ
    kind, _, rest = reference.partition(":")
    if kind == "env":
        if not env.get(rest):
            raise SettingsError(f'`{rest}` is not set; export it, or write key = "file:PATH".')
        return env[rest]
    if kind == "file":
        try:
            return Path(rest).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(f"the key file {rest} cannot be read: {error.strerror}.") from error
    if not is_loopback(urlsplit(base_url).hostname or ""):
        raise SettingsError('a key is written in the config file only for a loopback test server; write key = "env:NAME" or "file:PATH".')
    return reference


def proxy_for(provider: ProviderSettings, *, environ: Mapping[str, str] | None = None) -> str | None:
    """Address of the HTTP proxy on the way to a provider; None for none.

    What listens on this machine is reached through none that only the environment names.

    Raises:
        SettingsError: The variable it names is not set, or it is no HTTP proxy.
    """
    env = os.environ if environ is None else environ
    target = urlsplit(provider.base_url)
    if provider.proxy == "none":
        return None
    if provider.proxy is not None:
        if target.scheme == "http" and provider.key:
            raise SettingsError('a key would travel to the proxy in clear text; write an https:// base_url, or proxy = "none".')
        said, named = "`proxy`", _of_env(provider.proxy, env)
    elif is_loopback(target.hostname or "") or _goes_direct(target.hostname or "", _variable(env, "no_proxy")[1]):
        return None
    else:
        said, named = next((each for name in (f"{target.scheme}_proxy", "all_proxy") if (each := _variable(env, name))[1]), ("", ""))
    if not named:
        return None
    address = named if "://" in named else f"http://{named}"
    if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname:
        raise SettingsError(
            f'the proxy for {provider.base_url} that {said} names is no http:// or https:// address; write proxy = "none" to use none.'
        )
    return address


def _of_env(proxy: str, env: Mapping[str, str]) -> str:
    variable = proxy.removeprefix("env:")
    if variable == proxy:
        return proxy
    if not env.get(variable):
        raise SettingsError(f'`{variable}` is not set; export it, or write proxy = "none".')
    return env[variable]


def _variable(env: Mapping[str, str], name: str) -> tuple[str, str]:
    """What it is called and its value: in small letters, as curl has it, or in capitals."""
    called = name if env.get(name) else name.upper()
    return f"`{called}`", env.get(called, "")


def _goes_direct(host: str, excepted: str) -> bool:
    """Whether NO_PROXY names a host: itself, a domain it is in, a network its address is in, or `*`."""
    for each in filter(None, (part.strip().lower() for part in excepted.split(","))):
        domain = each.lstrip("*").lstrip(".").partition(":")[0]
        if each == "*" or (domain and (host == domain or host.endswith(f".{domain}"))):
            return True
        try:
            if ip_address(host) in ip_network(each, strict=False):
                return True
        except (ValueError, TypeError):
            continue
    return False


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _source(config: Path | None, env: Mapping[str, str]) -> tuple[Path, str]:
    named = config or (Path(env["STOREHAND_CONFIG"]) if env.get("STOREHAND_CONFIG") else None)
    path = named or Path(CONFIG_NAME)
    if named is None and not path.is_file():
        return path, ""
    try:
        return path, path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"the config file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"the config file {path} is not UTF-8 text.") from error


def _explain(path: Path, text: str, error: ValidationError) -> str:
    """One sentence per fault, with the line it is on."""
    faults = []
    for fault in error.errors():
        keys = [str(k) for k in fault["loc"]]
        what = f"`{'.'.join(keys)}`"
        line = _line_of(text, keys)
        where = f"{path}, line {line}: " if line else ""
        if fault["type"] == "extra_forbidden":
            faults.append(f"{where}there is no setting {what}; see docs/guide/config.md.")
        else:
            faults.append(f"{where}{what}: {remedy(fault)}.")
    return " ".join(dict.fromkeys(faults))


def _line_of(text: str, keys: list[str]) -> int | None:
    """The line on which the deepest key that the text has is written; None when it came from elsewhere."""
    best: tuple[int, int] | None = None
    wanted = ".".join(keys)
    for here, number in _written(text):
        if (wanted == here or wanted.startswith(here + ".")) and (best is None or len(here) >= best[0]):
            best = (len(here), number)
    return best[1] if best else None


def _written(text: str) -> Iterator[tuple[str, int]]:
    """Every table and key of the text, dotted, with its line."""
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
            table = match[1].replace('"', "").replace("'", "")
            yield table, number
        elif match := re.match(r"""\s*["']?([\w./-]+)["']?\s*=""", line):
            yield f"{table}.{match[1]}" if table else match[1], number


def _check_targets(settings: Settings, path: Path, text: str) -> None:
    for name, alias in settings.aliases.items():
        for target in alias.targets:
            provider = (target if isinstance(target, str) else target.target).partition("/")[0]
            if provider not in settings.providers:
                line = _line_of(text, ["aliases", name, "targets"])
                raise SettingsError(f"{path}, line {line}: alias `{name}` names the provider `{provider}`; add a table [providers.{provider}].")
