"""REST: the application's commands."""

from bot.playground import command_rules, refusals
from bot.playground.calls import NOTHING, Call, Json, Reply, Route
from bot.playground.door import require_object
from bot.playground.refusals import Problem, Refusal
from bot.playground.stage import Stage

PLACES = (
    "/applications/{application}/commands",
    "/applications/{application}/guilds/{guild}/commands",
)


class CommandRoutes:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._commands = stage.commands

    def routes(self) -> list[Route]:
        listed: list[Route] = []
        for place in PLACES:
            listed += [
                ("GET", place, self.all),
                ("PUT", place, self.replace),
                ("POST", place, self.add),
                ("GET", f"{place}/{{command}}", self.get),
                ("PATCH", f"{place}/{{command}}", self.edit),
                ("DELETE", f"{place}/{{command}}", self.remove),
            ]
        return listed

    def all(self, call: Call) -> Reply:
        return Reply(body=self._commands.listed(self._scope(call)))

    def get(self, call: Call) -> Reply:
        return Reply(body=self._commands.get(self._scope(call), call.part["command"]))

    def replace(self, call: Call) -> Reply:
        scope = self._scope(call)
        bodies = _objects(call)
        self._stage.demand(f"PUT {call.path}", command_rules.of_commands(bodies))
        kept = self._commands.replace(scope, bodies)
        self._stage.audience.tell("commands", {})
        return Reply(body=kept)

    def add(self, call: Call) -> Reply:
        scope, body = self._scope(call), require_object(call)
        self._stage.demand(f"POST {call.path}", [*command_rules.of_command(body)])
        others = [each for each in self._commands.listed(scope) if each["name"] != body["name"]]
        command_rules.of_commands([*others, body])
        command, is_new = self._commands.add(scope, body)
        self._stage.audience.tell("commands", {})
        return Reply(body=command, status=201 if is_new else 200)

    def edit(self, call: Call) -> Reply:
        scope, body = self._scope(call), require_object(call)
        changed = self._commands.get(scope, call.part["command"]) | body
        self._stage.demand(f"PATCH {call.path}", [*command_rules.of_command(changed)])
        command = self._commands.edit(scope, call.part["command"], body=body)
        self._stage.audience.tell("commands", {})
        return Reply(body=command)

    def remove(self, call: Call) -> Reply:
        self._commands.remove(self._scope(call), call.part["command"])
        self._stage.audience.tell("commands", {})
        return NOTHING

    def _scope(self, call: Call) -> str | None:
        if call.part["application"] != self._stage.state.application_id:
            message = "You are not authorized to perform this action on this application"
            raise Refusal(403, 20012, message=message)
        guild_id = call.part.get("guild")
        if guild_id is not None and not self._stage.state.has_joined(guild_id):
            raise refusals.missing_access()
        return guild_id


def _objects(call: Call) -> list[Json]:
    if not isinstance(call.body, list) or not all(isinstance(each, dict) for each in call.body):
        raise refusals.invalid_form(Problem(path="", message="A list of commands is required"))
    return call.body
