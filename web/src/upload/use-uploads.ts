import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { mayPass, Problem } from "../api/problem";
import type { Description, Photo } from "../api/types";
import { upload } from "../api/upload";
import { errorText } from "../shared/format";
import { mayBePicture } from "./pictures";
import { nextUploads, type Upload } from "./uploads";

const AT_ONCE = 2;

/**
 * Pictures that wait, are sent, and were sent, and the names of other files, which are left out.
 * `start` sends all that wait.
 */
export function useUploads(onAdded: (photo: Photo) => void) {
  const [uploads, dispatch] = useReducer(nextUploads, []);
  const [leftOut, setLeftOut] = useState<readonly string[]>([]);
  const stop = useRef<AbortController>(null);

  useEffect(() => () => stop.current?.abort(), []);

  const send = async (one: Upload, description: Description, signal: AbortSignal) => {
    const change = (next: Partial<Upload>) => dispatch({ type: "change", key: one.key, next });
    change({ state: "sending", sent: 0, message: "", again: false });
    try {
      const progress = (sent: number) => change({ sent });
      const photo = await upload(one.file, description, progress, signal);
      change({ state: "added", photo: photo.id });
      onAdded(photo);
    } catch (error) {
      if (signal.aborted) return;
      const known = error instanceof Problem && error.status === 409 && error.document.id;
      change({
        state: known ? "known" : "failed",
        message: errorText(error),
        again: mayPass(error),
        ...(known && { photo: known }),
      });
    }
  };

  const start = async (description: Description) => {
    stop.current ??= new AbortController();
    const { signal } = stop.current;
    const waiting = uploads.filter(({ state, again }) => state === "waiting" || again);
    const sendOn = async () => {
      for (let one = waiting.shift(); one && !signal.aborted; one = waiting.shift()) {
        await send(one, description, signal);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sendOn));
  };

  const add = useCallback((files: readonly File[]) => {
    dispatch({ type: "add", files: files.filter(mayBePicture) });
    setLeftOut(files.filter((file) => !mayBePicture(file)).map(({ name }) => name));
  }, []);
  const remove = useCallback((key: number) => dispatch({ type: "remove", key }), []);
  return { uploads, leftOut, add, remove, start };
}
