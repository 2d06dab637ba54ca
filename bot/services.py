"""Services: the frozen bundle that commands and pages may call."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.alerts.bulletins import Bulletins
from bot.alerts.levels import Progress
from bot.alerts.personal.book import Personal
from bot.alerts.pulse import DeliveryPulse
from bot.alerts.quiet.channels import Channels
from bot.alerts.samples import Samples
from bot.alerts.subscriptions import Subscriptions
from bot.alerts.universes import Universes
from bot.charts.renderer import Renderer
from bot.clock import Clock
from bot.market.listing import Listing
from bot.market.market import Market
from bot.market.model import Symbol
from bot.market.sessions import Sessions
from bot.market.symbols import Directory
from bot.news.desk import NewsDesk
from bot.preferences import Preferences
from bot.settings import Settings
from storage.database import Database


@dataclass(frozen=True, kw_only=True)
class Services:
    """`clock` is the market's time, which a replay moves; `wall` is everyone's. `progress` is
    the watcher's, `delivery` the deliverer's; in a process that `is_part` of a cluster they are
    others', who are known by what they leave in the database."""

    settings: Settings
    clock: Clock
    wall: Clock
    sessions: Sessions
    market: Market
    listing: Listing
    renderer: Renderer
    db: Database
    subscriptions: Subscriptions
    universes: Universes
    channels: Channels
    bulletins: Bulletins
    personal: Personal
    preferences: Preferences
    samples: Samples
    news: NewsDesk
    progress: Progress = field(default_factory=Progress)
    delivery: DeliveryPulse = field(default_factory=DeliveryPulse)
    is_part: bool = False

    @property
    def directory(self) -> Directory:
        """The symbols known at this moment; a refresh replaces it as a whole."""
        return self.listing.directory

    def name_of(self, symbol: Symbol) -> str:
        """The instrument's name, or an empty text where nobody knows it."""
        instrument = self.directory.get(symbol)
        return instrument.name if instrument is not None else ""

    def now(self) -> datetime:
        return self.clock.now()
