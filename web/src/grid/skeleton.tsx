const WIDTHS = [3, 2, 4, 3, 2, 3, 4, 2, 3, 3, 4, 2, 3, 2, 3, 4, 3, 2, 4, 3, 2, 3, 3, 4];

/** The grid before the first answer. */
export function Skeleton() {
  return (
    <div className="skeleton" role="status" aria-label="Searching">
      {WIDTHS.map((grow, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they never change
        <span key={index} style={{ flexGrow: grow, flexBasis: `${grow * 64}px` }} />
      ))}
    </div>
  );
}
