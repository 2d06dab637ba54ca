"""REST: who the bot is, its application, where the gateway lives, direct messages, users."""

from bot.playground import refusals
from bot.playground.calls import Call, Json, Reply, Route
from bot.playground.door import require_object
from bot.playground.permissions import INSTALLATION
from bot.playground.refusals import Problem
from bot.playground.stage import Stage
from bot.playground.world import BOT_NAME, LOCALE


class Account:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._state = stage.state

    def routes(self) -> list[Route]:
        return [
            ("GET", "/users/@me", self.me),
            ("GET", "/users/{user}", self.user),
            ("GET", "/users/@me/guilds", self.guilds),
            ("POST", "/users/@me/channels", self.open_direct),
            ("GET", "/oauth2/applications/@me", self.application),
            ("GET", "/applications/@me", self.application),
            ("GET", "/gateway", self.gateway),
            ("GET", "/gateway/bot", self.gateway_bot),
        ]

    def me(self, _: Call) -> Reply:
        private = {"verified": True, "mfa_enabled": False, "locale": LOCALE, "email": None}
        public = {"accent_color": None, "banner": None, "premium_type": 0}
        return Reply(body=self._state.bot | private | public)

    def user(self, call: Call) -> Reply:
        return Reply(body=self._state.user(call.part["user"]))

    def guilds(self, call: Call) -> Reply:
        listed = []
        for guild in self._state.joined_guilds():
            shown = {key: guild[key] for key in ("id", "name", "icon", "banner", "features")}
            if call.asks("with_counts"):
                count = len(self._state.members[guild["id"]])
                shown |= {"approximate_member_count": count, "approximate_presence_count": count}
            listed.append(shown | {"owner": False, "permissions": str(INSTALLATION)})
        return Reply(body=listed)

    def open_direct(self, call: Call) -> Reply:
        recipient = str(require_object(call).get("recipient_id"))
        if recipient == self._state.bot_id or recipient not in self._state.users:
            raise refusals.invalid_form(
                Problem(path="recipient_id", message=f'Value "{recipient}" is not a recipient.')
            )
        return Reply(body=self._state.direct_channel(recipient))

    def application(self, _: Call) -> Reply:
        state = self._state
        absent = (
            "icon type team interactions_endpoint_url role_connections_verification_url "
            "max_participants"
        )
        shown: Json = dict.fromkeys(absent.split()) | {
            "id": state.application_id,
            "name": BOT_NAME,
            "description": "",
            "bot": state.bot,
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": 0,
            "flags_new": "0",
            "redirect_uris": [],
            "owner": state.users[state.default_member_id],
            "approximate_guild_count": len(state.joined_guilds()),
            "approximate_user_install_count": 0,
            "approximate_user_authorization_count": 0,
            "explicit_content_filter": 0,
            "eligible_oauth2_scopes": [],
            "integration_types_config": {"0": {}},
            "tags": [],
        }
        return Reply(body=shown)

    def gateway(self, _: Call) -> Reply:
        return Reply(body={"url": self._stage.gateway.url})

    def gateway_bot(self, _: Call) -> Reply:
        starts, url = self._stage.gateway.starts, self._stage.gateway.url
        shown = {"url": url, "shards": starts.shards, "session_start_limit": starts.limit()}
        return Reply(body=shown)
