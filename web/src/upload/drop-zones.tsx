import { type DragEvent, useEffect, useRef, useState } from "react";
import { Icon } from "../shared/icons";
import { filesOf, mayBePicture } from "./pictures";
import { useUpload } from "./upload-context";

/** While files are dragged over the window: one place to search with them, one to add them. */
export function DropZones({ onSearch }: { onSearch: (picture: File) => void }) {
  const { canUpload, openUpload } = useUpload();
  const dragging = useDragging();
  const overlay = useRef<HTMLDivElement>(null);

  // A popover, because a dialog may be open.
  useEffect(() => {
    if (dragging) overlay.current?.showPopover();
    else overlay.current?.hidePopover();
  }, [dragging]);

  return (
    <div ref={overlay} className="drop-zones" popover="manual" aria-hidden="true">
      {dragging && (
        <>
          <Zone
            title="Search with this picture"
            text="Find photos that look like it"
            icon={<Icon name="search" />}
            onFiles={(files) => {
              const picture = files.find(mayBePicture) ?? files[0];
              if (picture) onSearch(picture);
            }}
          />
          {canUpload && (
            <Zone
              title="Add to the library"
              text="Keep it, and find it from now on"
              icon={<Icon name="upload" />}
              onFiles={openUpload}
            />
          )}
        </>
      )}
    </div>
  );
}

interface ZoneProps {
  title: string;
  text: string;
  icon: React.ReactNode;
  onFiles: (files: readonly File[]) => void;
}

function Zone({ title, text, icon, onFiles }: ZoneProps) {
  const [over, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dragging needs a pointer; buttons do the same
    <div
      className="drop-zone"
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event: DragEvent) => void filesOf(event.dataTransfer).then(onFiles)}
    >
      {icon}
      <p>{title}</p>
      <p>{text}</p>
    </div>
  );
}

/** Whether files are being dragged over the window; what is dropped is never opened by the browser. */
function useDragging(): boolean {
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    const withFiles = (event: globalThis.DragEvent) =>
      event.dataTransfer?.types.includes("Files") ?? false;
    const over = (event: globalThis.DragEvent) => {
      if (!withFiles(event)) return;
      event.preventDefault();
      setDragging(true);
    };
    const leave = (event: globalThis.DragEvent) => {
      if (!event.relatedTarget) setDragging(false);
    };
    const drop = (event: globalThis.DragEvent) => {
      event.preventDefault();
      setDragging(false);
    };
    addEventListener("dragenter", over);
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragenter", over);
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, []);
  return dragging;
}
