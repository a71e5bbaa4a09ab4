import { authorization } from "./key";
import { Problem, problemOf } from "./problem";
import type { Description, Photo } from "./types";

/** Adds a photo. `progress` gets the part that is sent, 0 to 1. Throws a `Problem`. */
export function upload(
  file: File,
  description: Description,
  progress: (part: number) => void,
  signal: AbortSignal,
): Promise<Photo> {
  const form = new FormData();
  form.append("file", file, file.name);
  for (const [name, value] of Object.entries(description)) {
    if (value.trim()) form.append(name, value.trim());
  }
  // fetch does not tell how much of a body is sent.
  const request = new XMLHttpRequest();
  return new Promise((resolve, reject) => {
    request.open("POST", "/api/photos");
    for (const [name, value] of Object.entries(authorization())) {
      request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText));
      else reject(problemOf(request.status, request.responseText));
    };
    request.onerror = () => reject(new Problem(0, {}));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}
