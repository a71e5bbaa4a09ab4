import { CopyButton } from "./copy-button";

/** The text to print beside the photo, ready to be copied. */
export function Attribution({ text }: { text: string }) {
  if (!text) return null;
  return (
    <div className="attribution">
      <p>{text}</p>
      <CopyButton text={text} what="attribution" />
    </div>
  );
}
