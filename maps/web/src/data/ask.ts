// How the page asks the server for what it may refuse.

export const post = (path: string, body?: object): Promise<Response | null> =>
  fetch(path, {
    method: "POST", ...(body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  }).catch(() => null);

/** Why an answer is a refusal: a code of the API, or `offline`. */
export const codeOf = async (answer: Response | null): Promise<string> =>
  answer === null ? "offline" : (((await answer.json().catch(() => ({}))) as { code?: string }).code ?? "offline");
