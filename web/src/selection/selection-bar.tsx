import { useMutation } from "@tanstack/react-query";
import * as api from "../api/client";
import { saveFile } from "../shared/browser";
import { errorText, photosText } from "../shared/format";
import { Icon } from "../shared/icons";
import { useNotify } from "../shared/notices";
import { EMPTY_SELECTION } from "./selection";
import { useSelection } from "./selection-context";

export function SelectionBar() {
  const [{ ids }, setSelection] = useSelection();
  const notify = useNotify();
  const download = useMutation({
    mutationFn: () => api.zip([...ids]),
    onSuccess: (content) => saveFile(content, "photos.zip"),
    onError: (error) => notify(errorText(error)),
  });
  if (!ids.size) return null;
  return (
    <section className="selection-bar" aria-label="Selection">
      <button
        type="button"
        className="button quiet square"
        aria-label="Clear the selection"
        onClick={() => setSelection(EMPTY_SELECTION)}
      >
        <Icon name="close" />
      </button>
      <p role="status">{photosText(ids.size)} selected</p>
      <button
        type="button"
        className="button primary"
        disabled={download.isPending}
        onClick={() => download.mutate()}
      >
        <Icon name="download" />
        {download.isPending ? "Packing…" : "Download zip"}
      </button>
    </section>
  );
}
