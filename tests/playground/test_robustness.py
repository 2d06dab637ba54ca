"""No body, however odd, makes the server itself fail: it answers 2xx or a refusal in 4xx."""

import json
from contextlib import suppress
from typing import Any

import aiohttp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.playground import command_rules, rules, shapes
from bot.playground.ids import Ids
from bot.playground.messages import Draft, edit, post
from bot.playground.refusals import Refusal
from bot.playground.server import SEED, Playground
from bot.playground.state import State
from bot.playground.timing import Timer
from bot.playground.world import furnish
from tests.playground.person import Person
from tests.playground.sample_bot import SampleBot

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["a" * 300]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


def odd(shape: shapes.Shape, depth: int = 3) -> st.SearchStrategy[Any]:
    """Bodies of the right shape in most places and odd in some."""
    right = ANYTHING
    if isinstance(shape, list):
        right = st.lists(odd(shape[0], depth), max_size=2)
    elif isinstance(shape, shapes.Fields) and depth:
        inner = {name: odd(each, depth - 1) for name, each in shape.shapes.items()}
        needed = {name: inner.pop(name) for name in shape.required}
        right = st.fixed_dictionaries(needed, optional=inner)
    elif shape is int:
        right = st.integers(0, 20)
    elif shape is str:
        right = st.sampled_from(["x", "attachment://x.png", "https://x.org", "<@1>", "x" * 90])
    return st.integers(0, 19).flatmap(lambda number: right if number else ANYTHING)


@settings(max_examples=75, deadline=None)
@given(first=odd(shapes.MESSAGE), second=odd(shapes.MESSAGE))
def test_odd_messages_are_stored_or_refused(first: Any, second: Any) -> None:
    timer = Timer()
    state = State(timer=timer, ids=Ids(timer, seed=1))
    furnish(state)
    channel = next(iter(state.channels.values()))
    if rules.of_message(first) or rules.of_message(second):
        return
    with suppress(Refusal):
        entry = post(state, channel, Draft(author=state.bot, body=first))
        edit(state, entry, body=second)
        assert json.loads(json.dumps(entry.message)) == entry.message


@settings(max_examples=75, deadline=None)
@given(bodies=st.lists(odd(shapes.COMMAND), max_size=3))
def test_odd_commands_are_accepted_or_refused(bodies: list[Any]) -> None:
    with suppress(Refusal):
        assert all(each.message for each in command_rules.of_commands(bodies))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=ANYTHING | odd(shapes.MESSAGE) | odd(shapes.CALLBACK))
async def test_odd_bodies_never_end_in_a_500(body: Any) -> None:
    server = Playground()
    server.limits.messages = server.limits.old_edits
    await server.start()
    headers = {"Authorization": f"Bot {server.token}"}
    async with aiohttp.ClientSession(server.url) as http:
        person = await Person.enter(http, "admin")
        alerts = await person.channel("alerts")
        application = Ids(Timer(), seed=SEED).fixed("application")
        for method, path in (
            ("POST", f"/api/v10/channels/{alerts}/messages"),
            ("POST", "/api/v10/users/@me/channels"),
            ("PUT", f"/api/v10/applications/{application}/commands"),
            ("POST", "/api/v10/interactions/1/x/callback"),
            ("POST", "/api/v10/webhooks/1/x"),
            ("POST", "/control/interactions"),
            ("POST", "/control/faults"),
            ("POST", "/control/limits"),
            ("POST", f"/control/channels/{alerts}/overwrites"),
            ("POST", f"/control/channels/{alerts}/messages"),
        ):
            async with http.request(method, path, json=body, headers=headers) as answer:
                assert answer.status < 500, (method, path, await answer.text())
    await server.stop()


async def test_odd_answers_to_an_interaction_are_refused(
    playground: Playground, bot: SampleBot, admin: Person, alerts: str, http: aiohttp.ClientSession
) -> None:
    command = await admin.command("silent", alerts)
    for body in ({}, {"type": "4"}, {"type": 4, "data": []}, {"type": 8, "data": {}}, {"type": 1}):
        interaction = await admin.start("command", alerts, command=command["id"], options=[])
        token = playground.interactions.get(interaction).token
        path = f"/api/v10/interactions/{interaction}/{token}/callback"
        async with http.post(path, json=body) as answer:
            assert (answer.status, (await answer.json())["code"]) == (400, 50035)
