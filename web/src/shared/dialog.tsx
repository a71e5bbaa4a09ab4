import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from "react";
import { Icon } from "./icons";

interface Props {
  title: string;
  /** Extra class names: "sheet" rises from the edge on phones, "full" fills the window. */
  className?: string;
  onClose: () => void;
  /** Keeps the dialog open on Escape, for what handles that key itself. */
  holdsEscape?: boolean;
  /** Keys that are pressed anywhere in it. */
  onKeyDown?: (event: KeyboardEvent) => void;
  children: ReactNode;
}

/** Notes how wide the page's scrollbar is: one dialog takes its place, and the page must not move. */
function keepRoomOfScrollbar(): void {
  if (document.querySelector("dialog.full[open]")) return;
  const { style, offsetWidth } = document.documentElement;
  style.setProperty("--scrollbar", `${innerWidth - offsetWidth}px`);
}

/** A modal dialog: the browser keeps the focus in it, and gives it back when it closes. */
export function Dialog(props: Props) {
  const { title, className = "", onClose, holdsEscape = false, onKeyDown, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();

  useEffect(() => {
    const node = dialog.current;
    const before = document.activeElement;
    if (node && !node.open) {
      keepRoomOfScrollbar();
      node.showModal();
      // What has to be typed comes first; else the dialog itself, not the button that closes it.
      (node.querySelector<HTMLElement>("input[type=password]") ?? node).focus();
    }
    return () => {
      node?.close();
      // A photo that was opened may be deleted by now: on from where it stood among the others.
      const there = before?.isConnected ? before : document.getElementById("photos");
      if (there instanceof HTMLElement) there.focus();
    };
  }, []);

  // What had the focus may be gone, as a button that did its work: no key would reach the dialog.
  useEffect(() => {
    if (document.activeElement === document.body) dialog.current?.focus();
  });

  return (
    <dialog
      ref={dialog}
      className={`dialog ${className}`}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        if (!holdsEscape) onClose();
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div className="dialog-body">
        <header className="dialog-head">
          <h2 id={heading}>{title}</h2>
          <button
            type="button"
            className="button quiet square"
            aria-label="Close"
            onClick={onClose}
          >
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
