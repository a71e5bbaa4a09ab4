/** The gateway's API, typed. Every function throws a `Problem`. */

import { authorization } from "./key";
import { Problem, problemOf } from "./problem";
import type {
  Answer,
  ClickBody,
  Facets,
  Filters,
  Folder,
  Ids,
  Photo,
  Run,
  RunAnswer,
  SearchBody,
  SessionBody,
  Stats,
} from "./types";

type Given = "filter" | "top_k" | "limit" | "offset" | "after" | "facets";

export type SearchRequest = Omit<SearchBody, Given> & { filter: Filters };

/** Where a page begins: at an offset, or after the last photo of the page before. */
export type PageStart = Pick<SearchBody, "offset" | "after">;

/** A page of photos; the first one may bring what can be chosen next. */
export async function search(
  request: SearchRequest,
  start: PageStart,
  topK: number,
  signal: AbortSignal,
  withChoices = false,
): Promise<Answer> {
  const body: SearchBody = {
    ...request,
    top_k: topK,
    ...start,
    ...(withChoices && { facets: "choices" }),
  };
  return json(await post("/api/search", body, signal));
}

/** The embedding of a picture, in the form that a query takes. */
export async function embed(picture: Blob, name: string): Promise<string> {
  const form = new FormData();
  form.append("file", picture, name);
  const answer: Answer = await json(
    await ask("/api/search/image?top_k=1", { method: "POST", body: form }),
  );
  const vector = answer.query.parts.find((part) => part.kind === "vector");
  if (!vector) throw new Problem(200, { detail: "The gateway's answer holds no embedding." });
  return vector.vector;
}

export async function photo(id: string, signal: AbortSignal): Promise<Photo> {
  return json(await ask(linkTo(id), { signal }));
}

export async function similar(
  to: Photo,
  offset: number,
  topK: number,
  signal: AbortSignal,
): Promise<Answer> {
  return json(
    await ask(`${to.links.self}/similar?dedupe=true&top_k=${topK}&offset=${offset}`, { signal }),
  );
}

export async function remove(photo: Photo): Promise<void> {
  await ask(photo.links.self, { method: "DELETE" });
}

/** The same by its id; one that has gone already is no error. */
export async function removeById(id: string): Promise<void> {
  try {
    await ask(linkTo(id), { method: "DELETE" });
  } catch (error) {
    if (!(error instanceof Problem && error.status === 404)) throw error;
  }
}

/** Says whether a hit is what was meant. */
export async function click(body: ClickBody): Promise<void> {
  await post("/api/clicks", body);
}

/** What can be chosen next: each field is counted without the filter on itself. */
export async function choices(filters: Filters, signal: AbortSignal): Promise<Facets> {
  return json(await ask(`/api/facets${questionMark(filters)}`, { signal }));
}

export async function stats(signal: AbortSignal): Promise<Stats> {
  return json(await ask("/api/stats", { signal }));
}

/** The originals and a list of their attributions. */
export async function zip(ids: readonly string[]): Promise<Blob> {
  return (await post("/api/photos/zip", { ids } satisfies Ids)).blob();
}

/** Gives the key to the gateway, which hands out a cookie for what cannot send headers: images. */
export async function openSession(key: string): Promise<void> {
  await post("/api/session", { key } satisfies SessionBody);
}

/** A folder of the gateway's machine; "" gives the usual places. */
export async function folder(path: string, signal: AbortSignal): Promise<Folder> {
  return json(await post("/api/local/folders", { path }, signal));
}

/** The run over a folder that is under way, or the one that ended last. */
export async function folderRun(signal: AbortSignal): Promise<Run | null> {
  const response = await ask("/api/local/run", { signal }, { asksForKey: false });
  const answer: RunAnswer = await json(response);
  return answer.run;
}

export async function beginRun(path: string): Promise<Run> {
  return json(await post("/api/local/run", { path }));
}

export async function stopRun(): Promise<Run> {
  return json(await ask("/api/local/run/stop", { method: "POST" }));
}

/** Puts away what is told of a run that has ended. */
export async function forgetRun(): Promise<void> {
  await ask("/api/local/run", { method: "DELETE" });
}

export function linkTo(id: string): string {
  return `/api/photos/${encodeURIComponent(id)}`;
}

function questionMark(filters: Filters): string {
  const parameters = new URLSearchParams({ counted: "choices" });
  for (const [name, value] of Object.entries(filters)) {
    for (const one of Array.isArray(value) ? value : [value]) parameters.append(name, String(one));
  }
  return `?${parameters}`;
}

function post(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  return ask(path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json" },
    ...(signal && { signal }),
  });
}

async function ask(path: string, init: RequestInit, { asksForKey = true } = {}): Promise<Response> {
  const headers = { Accept: "application/json", ...init.headers, ...authorization() };
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Problem(0, {});
  }
  if (!response.ok) throw problemOf(response.status, await response.text(), asksForKey);
  return response;
}

async function json<T>(response: Response): Promise<T> {
  return response.json();
}
