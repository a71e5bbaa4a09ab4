import { Dialog } from "../shared/dialog";
import { FolderChooser } from "./folder-chooser";

/** Adds a further folder to a library that has photos. */
export function FolderDialog({ onClose }: { onClose: () => void }) {
  const begun = () => {
    onClose();
    scrollTo({ top: 0 });
  };
  return (
    <Dialog title="Index a folder" className="folder-dialog" onClose={onClose}>
      <p className="dialog-lead">
        Its photos, and those in the folders below it, can be found from then on. They stay where
        they are.
      </p>
      <FolderChooser onBegun={begun} />
    </Dialog>
  );
}
