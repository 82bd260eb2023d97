// How the page asks the server for what it may refuse.

export const post = (path: string, body?: object): Promise<Response | null> =>
  fetch(path, {
    method: "POST", ...(body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  }).catch(() => null);

/** The session has ended: log in, and come back to what the page looks at. */
export const toLogin = (): void => location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`);

/** Why an answer is a refusal: a code of the API, or `offline`. */
export const codeOf = async (answer: Response | null): Promise<string> =>
  answer === null ? "offline" : (((await answer.json().catch(() => ({}))) as { code?: string }).code ?? "offline");
