import { copyText } from "../shared/browser";
import { Icon } from "../shared/icons";
import { useNotify } from "../shared/notices";

/** The text to print beside the photo, ready to be copied. */
export function Attribution({ text }: { text: string }) {
  const notify = useNotify();
  if (!text) return null;
  return (
    <div className="attribution">
      <p>{text}</p>
      <button
        type="button"
        className="button quiet square small"
        aria-label="Copy the attribution"
        title="Copy the attribution"
        onClick={async ({ currentTarget }) => {
          const copied = await copyText(text, currentTarget.parentElement ?? currentTarget);
          notify(copied ? "The attribution is on the clipboard." : "Copying did not work here.");
        }}
      >
        <Icon name="copy" />
      </button>
    </div>
  );
}
