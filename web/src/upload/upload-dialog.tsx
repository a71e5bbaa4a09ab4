import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef } from "react";
import type { Description } from "../api/types";
import { useRoute } from "../query/route-context";
import { refresh } from "../search/use-search";
import { Dialog } from "../shared/dialog";
import { photosText } from "../shared/format";
import { Icon } from "../shared/icons";
import { leftOutText } from "./pictures";
import { UploadRow } from "./upload-row";
import { failedFirst, outcomeText } from "./uploads";
import { useUploads } from "./use-uploads";

interface Props {
  files: readonly File[];
  onClose: () => void;
  /** Opens the folders of this machine instead, where that is possible. */
  onFolders: (() => void) | undefined;
}

const FIELDS: readonly { name: keyof Description; label: string; hint: string }[] = [
  { name: "caption", label: "Caption", hint: "What the photos show" },
  { name: "tags", label: "Tags", hint: "beach, summer" },
  { name: "photographer", label: "Photographer", hint: "" },
  { name: "licence", label: "Licence", hint: "CC-BY-4.0" },
  { name: "source_url", label: "Source", hint: "https://" },
];

/** Files on their way into the library, with what is said about all of them. */
export function UploadDialog({ files, onClose, onFolders }: Props) {
  const { dispatch } = useRoute();
  const queries = useQueryClient();
  const chooser = useRef<HTMLInputElement>(null);
  const { uploads, leftOut, add, remove, start } = useUploads(() => refresh(queries));
  const waiting = uploads.filter(({ state }) => state === "waiting").length;
  const failed = uploads.some(({ again }) => again);
  const outcome = waiting ? "" : outcomeText(uploads);
  const busy = uploads.some(({ state }) => state === "sending");

  useEffect(() => add(files), [add, files]);

  const openPhoto = (photo: string) => {
    onClose();
    dispatch({ type: "openPhoto", photo });
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const said = FIELDS.map(({ name }) => [name, String(form.get(name) ?? "")]);
    void start(Object.fromEntries(said) as Description);
  };

  return (
    <Dialog title="Add to the library" className="upload-dialog" onClose={onClose}>
      <form onSubmit={submit}>
        <ul className="uploads" aria-label="Files">
          {(busy ? uploads : failedFirst(uploads)).map((one) => (
            <UploadRow
              key={one.key}
              upload={one}
              onRemove={() => remove(one.key)}
              onOpen={openPhoto}
            />
          ))}
        </ul>
        <div className="upload-outcome" role="status">
          {!busy && outcome && <p>{outcome}</p>}
          {leftOut.length > 0 && <p className="upload-left-out">{leftOutText(leftOut)}</p>}
        </div>
        <button type="button" className="upload-more" onClick={() => chooser.current?.click()}>
          <Icon name="upload" />
          {uploads.length ? "Choose more" : "Choose photos, or drop them here"}
        </button>
        {onFolders && !uploads.length && (
          <button type="button" className="upload-more folder-way" onClick={onFolders}>
            <Icon name="folder" />
            Index a folder of this computer
          </button>
        )}
        <input
          ref={chooser}
          type="file"
          accept="image/*"
          multiple
          hidden
          aria-label="Photos to add"
          onChange={(event) => {
            add([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
        <details className="describe">
          <summary>Describe them</summary>
          <p>All optional, and the same for all of these photos.</p>
          <div className="describe-fields">
            {FIELDS.map(({ name, label, hint }) => (
              <label key={name} className="field">
                {label}
                <input name={name} type="text" placeholder={hint} autoComplete="off" />
              </label>
            ))}
          </div>
        </details>
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            {waiting ? "Cancel" : "Done"}
          </button>
          {(waiting > 0 || failed) && (
            <button type="submit" className="button primary" disabled={busy}>
              {busy ? "Adding…" : waiting > 0 ? `Add ${photosText(waiting)}` : "Try again"}
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}
