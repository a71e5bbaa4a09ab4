import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { useStats } from "../panels/use-stats";
import { UploadDialog } from "./upload-dialog";

interface UploadValue {
  /** Whether the gateway takes photos. */
  canUpload: boolean;
  /** Opens the dialog, with these files or to choose some. */
  openUpload: (files?: readonly File[]) => void;
}

const NO_FILES: readonly File[] = [];

const UploadContext = createContext<UploadValue | null>(null);

export function useUpload(): UploadValue {
  const value = useContext(UploadContext);
  if (!value) throw new Error("useUpload needs an UploadProvider around it.");
  return value;
}

export function UploadProvider({ children }: { children: ReactNode }) {
  const canUpload = useStats().data?.upload ?? false;
  const [files, setFiles] = useState<readonly File[] | null>(null);
  const value = useMemo(
    () => ({ canUpload, openUpload: (chosen = NO_FILES) => setFiles(chosen) }),
    [canUpload],
  );
  return (
    <UploadContext value={value}>
      {children}
      {files && <UploadDialog files={files} onClose={() => setFiles(null)} />}
    </UploadContext>
  );
}
