import { Dialog } from "../shared/dialog";

const KEYS: readonly (readonly [string, string])[] = [
  ["/", "Go to the search box"],
  ["↓", "From the box to the photos"],
  ["← → ↑ ↓", "Move among the photos"],
  ["Enter", "Open a photo; in the box: make parts of the words"],
  ["S", "More like this photo"],
  ["Shift S", "Add this photo to the search"],
  ["X", "Select a photo"],
  ["Shift X", "Select up to here"],
  ["F", "Whole screen"],
  ["T", "Mark where text stands in the picture"],
  ["Esc", "Close, or clear the selection"],
  ["?", "These keys"],
];

const WRITING: readonly (readonly [string, string])[] = [
  ['"red car" + night', "Both together"],
  ["beach - people", "A beach, and not people"],
  ["2:fog + forest", "Fog counts twice"],
];

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys and queries" className="shortcuts" onClose={onClose}>
      <Lines lines={KEYS} keys />
      <h3>In the search box</h3>
      <Lines lines={WRITING} />
    </Dialog>
  );
}

function Lines({ lines, keys }: { lines: readonly (readonly [string, string])[]; keys?: boolean }) {
  return (
    <dl className="lines">
      {lines.map(([name, meaning]) => (
        <div key={name}>
          <dt>{keys ? <kbd>{name}</kbd> : <code>{name}</code>}</dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}
