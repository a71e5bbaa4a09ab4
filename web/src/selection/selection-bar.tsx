import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import * as api from "../api/client";
import { MAX_PARTS } from "../query/grammar";
import { linkTo } from "../query/route";
import { useRoute } from "../query/route-context";
import { copyText, saveFile } from "../shared/browser";
import { errorText, photosText } from "../shared/format";
import { Icon, type IconName } from "../shared/icons";
import { useNotify } from "../shared/notices";
import { DeleteSelection } from "./delete-selection";
import { EMPTY_SELECTION } from "./selection";
import { useSelection } from "./selection-context";

/** What can be done with the photos that are selected. */
export function SelectionBar() {
  const [{ ids }, setSelection] = useSelection();
  const { dispatch } = useRoute();
  const notify = useNotify();
  const [deleting, setDeleting] = useState(false);
  const download = useMutation({
    mutationFn: () => api.zip([...ids]),
    onSuccess: (content) => saveFile(content, "photos.zip"),
    onError: (error) => notify(errorText(error)),
  });
  if (!ids.size) return null;
  const clear = () => setSelection(EMPTY_SELECTION);

  const searchLikeThese = () => {
    const some = [...ids].slice(0, MAX_PARTS);
    dispatch({ type: "setParts", parts: some.map((value) => ({ kind: "id", value, weight: 1 })) });
    if (some.length < ids.size) notify(`A search takes ${MAX_PARTS} photos: the first ones.`);
    clear();
  };

  const copyLinks = async (button: HTMLElement) => {
    const copied = await copyText([...ids].map(linkTo).join("\n"), button.parentElement ?? button);
    const links = ids.size === 1 ? "The link is" : `${ids.size} links are`;
    notify(copied ? `${links} on the clipboard.` : "Copying did not work here.");
  };

  return (
    <>
      <section className="selection-bar" aria-label="Selection">
        <Tool icon="close" name="Clear the selection" onClick={clear} />
        <p role="status">{photosText(ids.size)} selected</p>
        <Tool icon="similar" name="More like these" onClick={searchLikeThese} />
        <Tool icon="link" name="Copy links to these" onClick={copyLinks} />
        <Tool
          icon="trash"
          name="Delete these from the library"
          danger
          onClick={() => setDeleting(true)}
        />
        <button
          type="button"
          className="button primary"
          aria-label={download.isPending ? "Packing…" : "Download zip"}
          disabled={download.isPending}
          onClick={() => download.mutate()}
        >
          <Icon name="download" />
          <span className="wide">{download.isPending ? "Packing…" : "Download zip"}</span>
        </button>
      </section>
      {deleting && (
        <DeleteSelection
          ids={[...ids]}
          onCancel={() => setDeleting(false)}
          onDeleted={() => {
            setDeleting(false);
            clear();
          }}
        />
      )}
    </>
  );
}

interface ToolProps {
  icon: IconName;
  name: string;
  danger?: boolean;
  onClick: (button: HTMLElement) => void;
}

function Tool({ icon, name, danger = false, onClick }: ToolProps) {
  return (
    <button
      type="button"
      className={`button quiet square${danger ? " danger" : ""}`}
      aria-label={name}
      title={name}
      onClick={(event) => onClick(event.currentTarget)}
    >
      <Icon name={icon} />
    </button>
  );
}
