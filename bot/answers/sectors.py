"""`/sectors`: what funds are made of, side by side."""

from bot.answers.calls import written
from bot.answers.histories import left_out
from bot.answers.model import NOBODY, Answer, Caller, with_picture
from bot.cards.sectors import (
    Fund,
    SectorsView,
    numbers,
    sectors_card,
    sectors_csv,
    sectors_picture,
)
from bot.errors import DataError, RetryableError, UserError
from bot.market.model import Symbol
from bot.services import Services
from bot.signals.concentration import concentration

MOST = 6


async def sectors(services: Services, caller: Caller = NOBODY, *, symbols: str) -> Answer:
    """Sector weights, top share, effective number of sectors and sectors above 10 %.

    Raises UserError for more than 6 symbols or when none has sector weights.
    """
    selection = await services.universes.select(symbols, guild_id=caller.guild_id)
    wanted = selection.symbols
    if len(wanted) > MOST:
        raise UserError(
            f"Up to {MOST} funds fit side by side, not {len(wanted)}: `/sectors SPY QQQ IWM`."
        )
    funds: list[Fund] = []
    missing: dict[Symbol, str] = {}
    for symbol in wanted:
        try:
            profile = await services.market.profile(symbol)
            funds.append(Fund(profile=profile, concentration=concentration(profile)))
        except (UserError, DataError, RetryableError) as error:
            missing[symbol] = str(error)
    if not funds:
        raise UserError(
            f"There are no sector weights to show. {' '.join(dict.fromkeys(missing.values()))}"
        )
    view = SectorsView(
        funds=tuple(funds), footer=services.market.source.label, notes=left_out(missing)
    )
    card = await with_picture(
        services, sectors_card(view), sectors_picture(funds), filename="sectors.png"
    )
    return Answer(
        card=card,
        numbers=numbers(view, missing),
        table=sectors_csv(funds),
        call=written("sectors", *wanted),
    )
