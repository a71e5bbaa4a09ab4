import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { FolderDialog } from "../library/folder-dialog";
import { useStats } from "../panels/use-stats";
import { UploadDialog } from "./upload-dialog";

interface UploadValue {
  /** Whether the gateway takes photos. */
  canUpload: boolean;
  /** Whether folders of this machine can be indexed from here. */
  canIndex: boolean;
  /** Opens the dialog, with these files or to choose some. */
  openUpload: (files?: readonly File[]) => void;
  /** Opens the dialog with the folders of this machine. */
  openFolders: () => void;
}

const NO_FILES: readonly File[] = [];

const UploadContext = createContext<UploadValue | null>(null);

export function useUpload(): UploadValue {
  const value = useContext(UploadContext);
  if (!value) throw new Error("useUpload needs an UploadProvider around it.");
  return value;
}

export function UploadProvider({ children }: { children: ReactNode }) {
  const stats = useStats().data;
  const canUpload = stats?.upload ?? false;
  const canIndex = stats?.folders ?? false;
  const [folders, setFolders] = useState(false);
  const [files, setFiles] = useState<readonly File[] | null>(null);
  const value = useMemo(
    () => ({
      canUpload,
      canIndex,
      openUpload: (chosen = NO_FILES) => setFiles(chosen),
      openFolders: () => {
        setFiles(null);
        setFolders(true);
      },
    }),
    [canUpload, canIndex],
  );
  return (
    <UploadContext value={value}>
      {children}
      {files && (
        <UploadDialog
          files={files}
          onClose={() => setFiles(null)}
          onFolders={canIndex ? value.openFolders : undefined}
        />
      )}
      {folders && <FolderDialog onClose={() => setFolders(false)} />}
    </UploadContext>
  );
}
