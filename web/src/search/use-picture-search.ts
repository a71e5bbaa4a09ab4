import { useMutation } from "@tanstack/react-query";
import { embed } from "../api/client";
import { useRoute } from "../query/route-context";
import { errorText } from "../shared/format";
import { useNotify } from "../shared/notices";
import { drawPreview, keepPreview } from "./previews";

/** Adds pictures to the query; `reading` is true while the gateway embeds one. */
export function usePictureSearch() {
  const { dispatch } = useRoute();
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
    onSuccess: (vector) =>
      dispatch({ type: "addPart", part: { kind: "vector", value: vector, weight: 1 } }),
    onError: (error) => notify(errorText(error)),
  });
  return { searchWith: mutate, reading: isPending };
}
