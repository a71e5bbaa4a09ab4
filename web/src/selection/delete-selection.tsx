import { useMutation, useQueryClient } from "@tanstack/react-query";
import * as api from "../api/client";
import { forgetPhoto, refresh } from "../search/use-search";
import { Dialog } from "../shared/dialog";
import { errorText, photosText } from "../shared/format";
import { useNotify } from "../shared/notices";

interface Props {
  ids: readonly string[];
  onCancel: () => void;
  onDeleted: () => void;
}

/** Asks before photos leave the library, and says how many did. */
export function DeleteSelection({ ids, onCancel, onDeleted }: Props) {
  const queries = useQueryClient();
  const notify = useNotify();
  const removal = useMutation({
    mutationFn: async () => {
      // One after the other: the index makes one change at a time, and what is done stays done.
      for (const id of ids) {
        await api.removeById(id);
        forgetPhoto(queries, id);
      }
    },
    onSuccess: () => {
      notify(`${photosText(ids.length)} ${ids.length === 1 ? "has" : "have"} left the library.`);
      onDeleted();
    },
    onSettled: () => refresh(queries),
  });
  const one = ids.length === 1;
  return (
    <Dialog
      title={one ? "Delete this photo?" : `Delete ${photosText(ids.length)}?`}
      className="small"
      onClose={onCancel}
    >
      <p>
        {one ? "It leaves the library, and stays" : "They leave the library, and stay"} out when
        folders or lists are indexed again (unless that is done with <code>--again</code>). Files
        that were added through this page go too; those that were indexed from elsewhere stay where
        they are.
      </p>
      {removal.error && (
        <p className="error" role="alert">
          {errorText(removal.error)} What was deleted before stays deleted.
        </p>
      )}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onCancel}>
          Keep {one ? "it" : "them"}
        </button>
        <button
          type="button"
          className="button primary danger"
          disabled={removal.isPending}
          onClick={() => removal.mutate()}
        >
          {removal.isPending ? "Deleting…" : "Delete"}
        </button>
      </div>
    </Dialog>
  );
}
