/** An error as a sentence. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error && error.message ? error.message : "Something went wrong.";
}
