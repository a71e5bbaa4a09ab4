import { useMutation } from "@tanstack/react-query";
import { embed } from "../api/client";
import type { Part } from "../query/grammar";
import { useNotify } from "../shared/notices";
import { sentenceOf } from "../shared/say";
import { drawPreview, keepPreview } from "./previews";

/** Turns a picture into a part of the query; `waiting` is its preview meanwhile. */
export function usePictureSearch(add: (part: Part) => void) {
  const notify = useNotify();
  const { mutate, isPending } = useMutation({
    mutationFn: async (picture: File) => {
      const [vector, preview] = await Promise.all([
        embed(picture, picture.name || "picture"),
        drawPreview(picture),
      ]);
      if (preview) keepPreview(vector, preview);
      return vector;
    },
    onSuccess: (vector) => add({ kind: "vector", value: vector, weight: 1 }),
    onError: (error) => notify(sentenceOf(error)),
  });
  return { searchWith: mutate, waiting: isPending };
}
