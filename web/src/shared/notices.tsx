import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from "react";

const SHOWN = 4000; // milliseconds

const Notify = createContext<(text: string) => void>(() => {});

/** Shows a short message for a few seconds, and tells screen readers. */
export function useNotify(): (text: string) => void {
  return useContext(Notify);
}

export function Notices({ children }: { children: ReactNode }) {
  const [text, setText] = useState("");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const notify = useCallback((next: string) => {
    clearTimeout(timer.current);
    setText(next);
    timer.current = setTimeout(() => setText(""), SHOWN);
  }, []);
  return (
    <Notify value={notify}>
      {children}
      <NoticeLine text={text} />
    </Notify>
  );
}

/** A popover, because what is open as a modal dialog lies above everything else. */
function NoticeLine({ text }: { text: string }) {
  const raise = (node: HTMLDivElement | null) => {
    if (!node) return;
    if (node.matches(":popover-open")) node.hidePopover();
    if (text) node.showPopover();
  };
  return (
    <div ref={raise} className="notice" popover="manual" role="status" aria-live="polite">
      {text}
    </div>
  );
}
