const USUAL = "ViT-B-32";

/** What the first photo waits for, where the model is not on the machine yet. */
export function modelNote(model: string): string {
  const size = model.startsWith(USUAL) ? "about 600 MB" : "which may be some gigabytes";
  return `The model ${model.split(":")[0]} is downloaded first, once: ${size}.`;
}
