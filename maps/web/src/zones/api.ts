// Asking the zones API; a refusal is an error with its code, its fields and, of an import, its report.
import { toLogin } from "../data/ask";
import type { Report, RowProblem } from "./model";

interface ProblemDetails { code?: string; detail?: string; errors?: RowProblem[]; report?: Report }

export class Refusal extends Error {
  readonly code: string;
  readonly errors: RowProblem[];
  readonly report: Report | null;

  constructor(readonly status: number, problem: ProblemDetails) {
    super(problem.detail ?? "");
    this.code = problem.code ?? "other";
    this.errors = problem.errors ?? [];
    this.report = problem.report ?? null;
  }
}

export interface Ask { method?: string; body?: unknown; match?: number; signal?: AbortSignal }

/** Ask the server; a session that has ended leads to the log-in and back here. */
export async function ask<Answer>(path: string, { method = "GET", body, match, signal }: Ask = {}): Promise<Answer> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (match !== undefined) headers["If-Match"] = `"${match}"`;
  const init: RequestInit = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }), ...(signal ? { signal } : {}) };
  const answer = await fetch(`/api/v1${path}`, init).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    return null;
  });
  if (answer === null) throw new Refusal(0, { code: "offline" });
  if (answer.status === 401) toLogin();
  if (!answer.ok) throw new Refusal(answer.status, (await answer.json().catch(() => ({}))) as ProblemDetails);
  return (await answer.json()) as Answer;
}

/** Send a form and hear how much of it has left; the browser tells that only here. */
export function upload<Answer>(path: string, form: FormData, onSent: (share: number) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1${path}`);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onSent(total ? loaded / total : 1);
    request.upload.onload = () => onSent(1);
    request.onerror = () => reject(new Refusal(0, { code: "offline" }));
    request.onload = () => {
      if (request.status === 401) toLogin();
      if (request.status < 300) resolve(request.response as Answer);
      else reject(new Refusal(request.status, (request.response ?? {}) as ProblemDetails));
    };
    request.send(form);
  });
}

/** An id as a part of a path; its slashes are parts of the path, too. */
export const pathOf = (id: string): string => `/zones/${id.split("/").map(encodeURIComponent).join("/")}`;
