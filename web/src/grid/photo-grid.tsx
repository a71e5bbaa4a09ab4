import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { layOut, type Move, neighbour, rowHeightFor } from "./rows";
import { type GridActions, type GridPhoto, Tile } from "./tile";
import { useWidth } from "./use-width";

interface Props {
  label: string;
  /** Photos in the portions in which they came. */
  blocks: readonly (readonly GridPhoto[])[];
  actions: GridActions;
  selected?: ReadonlySet<string>;
  expanded?: ReadonlySet<string>;
  /** Called when the end comes near; left out when there is no more. */
  onEnd?: (() => void) | undefined;
}

const GAP = 6; // CSS pixels
const AHEAD = "1500px"; // how far below the screen the next portion is asked for
const MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];

export function PhotoGrid({ label, blocks, actions, selected, expanded, onEnd }: Props) {
  const frame = useRef<HTMLElement>(null);
  const width = useWidth(frame);
  const [current, setCurrent] = useState(0);
  const laidOut = useMemo(() => layOut(blocks, width, GAP, rowHeightFor(width)), [blocks, width]);
  const count = laidOut.reduce((sum, block) => sum + block.tiles.length, 0);
  const at = Math.min(current, Math.max(0, count - 1));

  const focus = (index: number, options?: FocusOptions) =>
    frame.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus(options);

  // When the focused photo goes with its results, the keyboard stays here, at the first of the new.
  const hasKeyboard = useRef(false);
  const first = laidOut[0]?.tiles[0]?.photo.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another first photo, other results
  useEffect(() => {
    if (!hasKeyboard.current || document.activeElement !== document.body) return;
    focus(0, { preventScroll: true });
  }, [first]);

  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const photo = laidOut.flatMap((block) => block.tiles)[at]?.photo;
    if (!photo) return;
    if (MOVES.includes(event.key)) focus(neighbour(laidOut, at, event.key as Move));
    else if (event.key.toLowerCase() === "s") actions.similar(photo, event.shiftKey);
    else if (event.key.toLowerCase() === "x") actions.select?.(photo, event.shiftKey);
    else return;
    event.preventDefault();
  };

  return (
    <section
      ref={frame}
      className="grid"
      aria-label={label}
      data-selecting={(selected?.size ?? 0) > 0}
      onKeyDown={press}
      onFocus={(event) => {
        const index = event.target.closest("li")?.querySelector("a")?.dataset.index;
        if (index !== undefined) setCurrent(Number(index));
        hasKeyboard.current = true;
      }}
      onBlur={(event) => {
        if (event.relatedTarget && !frame.current?.contains(event.relatedTarget)) {
          hasKeyboard.current = false;
        }
      }}
    >
      {laidOut.map((block, index) => (
        <ul
          // biome-ignore lint/suspicious/noArrayIndexKey: portions are only ever added at the end
          key={index}
          className="grid-block"
          style={{ height: block.height, containIntrinsicSize: `auto ${block.height}px` }}
        >
          {block.tiles.map((tile) => (
            <Tile
              key={tile.photo.id}
              tile={tile}
              actions={actions}
              current={tile.index === at}
              selected={selected?.has(tile.photo.id) ?? false}
              expanded={expanded?.has(tile.photo.id) ?? false}
            />
          ))}
        </ul>
      ))}
      {onEnd && <End key={count} onReach={onEnd} />}
    </section>
  );
}

function End({ onReach }: { onReach: () => void }) {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && onReach(),
      { rootMargin: AHEAD },
    );
    if (mark.current) observer.observe(mark.current);
    return () => observer.disconnect();
  }, [onReach]);
  return <div ref={mark} className="grid-end" />;
}
