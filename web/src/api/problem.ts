import { askForKey } from "./key";
import type { ProblemDocument } from "./types";

/** An answer of the API that is not the one asked for. `status` is 0 when there was none at all. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly status: number,
    readonly document: ProblemDocument,
  ) {
    super(document.detail || document.title || sentenceFor(status));
  }

  /** Nobody answers, or a part of the service is down: worth another try. */
  get unavailable(): boolean {
    return this.status === 0 || this.status >= 502;
  }

  get keyNeeded(): boolean {
    return this.status === 401;
  }
}

/**
 * The problem that a body with this status holds; a body that is no problem document is left out.
 * Where a key is needed, it is asked for, unless what was wanted is not worth the question.
 */
export function problemOf(status: number, body: string, asksForKey = true): Problem {
  if (status === 401 && asksForKey) askForKey();
  try {
    const document: unknown = JSON.parse(body);
    if (typeof document === "object" && document !== null && !Array.isArray(document)) {
      return new Problem(status, document);
    }
  } catch {
    // A proxy in between may answer with a page of its own.
  }
  return new Problem(status, {});
}

/** Whether the same request may be answered another time; else something is wrong with it. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof Problem)) return true;
  const { status } = error;
  return status < 400 || status >= 500 || [401, 403, 408, 429].includes(status);
}

export function isUnavailable(error: unknown): boolean {
  return error instanceof Problem && error.unavailable;
}

export function isKeyNeeded(error: unknown): boolean {
  return error instanceof Problem && error.keyNeeded;
}

function sentenceFor(status: number): string {
  if (status === 0) return "The gateway does not answer.";
  if (status === 413) return "The file is larger than the gateway accepts.";
  if (status === 429) return "Too many requests. Wait a moment and try again.";
  return `The gateway answered with status ${status}.`;
}
