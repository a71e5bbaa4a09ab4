import { copyText } from "../shared/browser";
import { Icon, type IconName } from "../shared/icons";
import { useNotify } from "../shared/notices";

interface Props {
  text: string;
  /** What it is: "attribution". */
  what: string;
  icon?: IconName;
}

/** Puts a text on the clipboard. */
export function CopyButton({ text, what, icon = "copy" }: Props) {
  const notify = useNotify();
  return (
    <button
      type="button"
      className="button quiet square small"
      aria-label={`Copy the ${what}`}
      title={`Copy the ${what}`}
      onClick={async ({ currentTarget }) => {
        const copied = await copyText(text, currentTarget.parentElement ?? currentTarget);
        notify(copied ? `The ${what} is on the clipboard.` : "Copying did not work here.");
      }}
    >
      <Icon name={icon} />
    </button>
  );
}
