import { useMutation, useQueryClient } from "@tanstack/react-query";
import * as api from "../api/client";
import type { Photo } from "../api/types";
import { forgetPhoto, refresh } from "../search/use-search";
import { Dialog } from "../shared/dialog";
import { errorText, nameOf } from "../shared/format";
import { useNotify } from "../shared/notices";

interface Props {
  photo: Photo;
  onCancel: () => void;
  onDeleted: () => void;
}

export function DeleteDialog({ photo, onCancel, onDeleted }: Props) {
  const queries = useQueryClient();
  const notify = useNotify();
  const removal = useMutation({
    mutationFn: () => api.remove(photo),
    onSuccess: () => {
      forgetPhoto(queries, photo.id);
      onDeleted();
      refresh(queries);
      notify(`“${nameOf(photo)}” is no longer in the library.`);
    },
  });
  return (
    <Dialog title="Delete this photo?" className="small" onClose={onCancel}>
      <p>
        “{nameOf(photo)}” leaves the library, and stays out when its folder or list is indexed again
        (unless that is done with <code>--again</code>). If it was added through this page, its file
        goes too; a file that was indexed from elsewhere stays where it is.
      </p>
      {removal.error && (
        <p className="error" role="alert">
          {errorText(removal.error)}
        </p>
      )}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onCancel}>
          Keep it
        </button>
        <button
          type="button"
          className="button primary danger"
          disabled={removal.isPending}
          onClick={() => removal.mutate()}
        >
          Delete
        </button>
      </div>
    </Dialog>
  );
}
