/** The control API of the playground (PROTOCOL.md), one function per request. */

export class ApiError extends Error {
  /** `status` is 0 when the server could not be reached. */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function answer(response) {
  const text = await response.text();
  let body = null;
  try {
    body = text ? JSON.parse(text) : null;
  } catch {
    if (response.ok)
      throw new ApiError("The server answered with something other than JSON.", response.status);
  }
  if (!response.ok)
    throw new ApiError(body?.error || `The server answered ${response.status}.`, response.status);
  return body;
}

async function request(method, path, body) {
  const init = { method, headers: {} };
  if (body !== undefined) {
    init.headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new ApiError("The playground server does not answer.", 0);
  }
  return answer(response);
}

const query = (values) =>
  new URLSearchParams(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== null),
  );

export const api = {
  state: (as) => request("GET", `control/state?${query({ as })}`),
  messages: (channel, as, before) =>
    request("GET", `control/channels/${channel}/messages?${query({ as, limit: 50, before })}`),
  post: (channel, body) => request("POST", `control/channels/${channel}/messages`, body),
  openDm: (as) => request("POST", "control/dms", { as }),
  commands: (as, channel) => request("GET", `control/commands?${query({ as, channel })}`),
  interact: (body) => request("POST", "control/interactions", body),
  market: () => request("GET", "control/market"),
  moveMarket: (action, value) => request("POST", "control/market", { action, value }),
};
