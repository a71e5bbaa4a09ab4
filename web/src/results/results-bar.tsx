import type { Answer } from "../api/types";
import { activeFilters } from "../query/filters";
import { type Order, wordsOf } from "../query/order";
import { useRoute } from "../query/route-context";
import { numberText, photosText } from "../shared/format";
import { Icon } from "../shared/icons";
import { ViewChoices } from "./view-choices";

interface Props {
  answer: Answer | undefined;
  filtersOpen: boolean;
  /** Whether the order and the switches stand with the filters. */
  viewInside: boolean;
  onFilters: () => void;
}

/** What was found, and how to look at it. */
export function ResultsBar({ answer, filtersOpen, viewInside, onFilters }: Props) {
  const { search } = useRoute().route;
  const filterCount = activeFilters(search.filters).length;
  return (
    <div className="results-bar">
      <button
        type="button"
        className="button"
        aria-expanded={filtersOpen}
        aria-controls="filters"
        onClick={onFilters}
      >
        <Icon name="filter" />
        {viewInside ? "Sort and filter" : "Filters"}
        {filterCount > 0 && <span className="badge">{filterCount}</span>}
      </button>
      <p className="summary" role="status">
        {answer && <Summary answer={answer} order={search.sort} />}
      </p>
      {!viewInside && <ViewChoices />}
    </div>
  );
}

function Summary({ answer, order }: { answer: Answer; order: Order }) {
  if (answer.mode === "browse") {
    return (
      <>
        {photosText(answer.total)}, {wordsOf(order)}
      </>
    );
  }
  const loose = answer.confidence === "medium" ? " · loose matches" : "";
  const found = order
    ? `The best of ${photosText(answer.total)}, ${wordsOf(order)}`
    : `${photosText(answer.total)}, best first`;
  return (
    <>
      {found}
      {loose}
      <span className="timing" title={stages(answer)}>
        {" "}
        · {Math.max(1, Math.round(answer.timing.total_ms))} ms
      </span>
    </>
  );
}

function stages({ timing }: Answer): string {
  const round = (time: number) => numberText(Math.round(time * 10) / 10);
  return `Encoding ${round(timing.encode_ms)} ms, searching ${round(timing.search_ms)} ms`;
}
