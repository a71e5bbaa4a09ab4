import { useEffect } from "react";

/** Hands over a picture that is pasted anywhere in the page. */
export function usePaste(onPicture: (picture: File) => void): void {
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const pictures = [...(event.clipboardData?.files ?? [])];
      const picture = pictures.find((file) => file.type.startsWith("image/"));
      if (!picture) return;
      event.preventDefault();
      onPicture(picture);
    };
    addEventListener("paste", paste);
    return () => removeEventListener("paste", paste);
  }, [onPicture]);
}
