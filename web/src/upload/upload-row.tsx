import { useEffect, useState } from "react";
import { linkTo } from "../api/client";
import { bytesText } from "../shared/format";
import { Icon } from "../shared/icons";
import type { Upload } from "./uploads";

interface Props {
  upload: Upload;
  onRemove: () => void;
  onOpen: (id: string) => void;
}

export function UploadRow({ upload, onRemove, onOpen }: Props) {
  const { file, state, sent, message, photo } = upload;
  const percent = Math.round(sent * 100);
  return (
    <li className="upload" data-state={state}>
      <Preview file={file} known={state === "known" ? photo : null} />
      <div className="upload-text">
        <p className="upload-name">{file.name}</p>
        {state === "waiting" && <p>{bytesText(file.size)}</p>}
        {state === "sending" && (
          <progress value={sent} aria-label={`Sending ${file.name}`}>
            {percent} %
          </progress>
        )}
        {state === "added" && <p className="good">Added; it can be found now.</p>}
        {state === "known" && <p>It is in the library already.</p>}
        {state === "failed" && (
          <p className="error" role="alert">
            {message}
          </p>
        )}
      </div>
      {photo && (
        <button type="button" className="button small" onClick={() => onOpen(photo)}>
          Show
        </button>
      )}
      {(state === "waiting" || state === "failed") && (
        <button
          type="button"
          className="button quiet square small"
          aria-label={`Leave out ${file.name}`}
          onClick={onRemove}
        >
          <Icon name="close" />
        </button>
      )}
    </li>
  );
}

/** The photo as it is in the library, or the file itself. */
function Preview({ file, known }: { file: File; known: string | null }) {
  const [url, setUrl] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  const source = known ? `${linkTo(known)}/thumbnail` : url;
  return (
    <span className="upload-face">
      {source && (
        <img
          key={source}
          src={source}
          alt=""
          loading="lazy"
          onError={(event) => {
            event.currentTarget.hidden = true;
          }}
        />
      )}
    </span>
  );
}
