import type { Answer } from "../api/types";
import { activeFilters } from "../query/filters";
import { type Order, wordsOf } from "../query/order";
import { useRoute } from "../query/route-context";
import { numberText, photosText } from "../shared/format";
import { Icon } from "../shared/icons";
import { Switch } from "../shared/switch";
import { OrderChoice } from "./order-choice";

interface Props {
  answer: Answer | undefined;
  filtersOpen: boolean;
  onFilters: () => void;
}

/** What was found, and how to look at it. */
export function ResultsBar({ answer, filtersOpen, onFilters }: Props) {
  const { route, dispatch } = useRoute();
  const { search } = route;
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
        Filters
        {filterCount > 0 && <span className="badge">{filterCount}</span>}
      </button>
      <p className="summary" role="status">
        {answer && <Summary answer={answer} order={search.sort} />}
      </p>
      <OrderChoice />
      <div className="switches">
        <Switch
          label="Keywords too"
          title="Hybrid search: by meaning, and by the words of captions and tags"
          on={search.mode === "hybrid"}
          onChange={(on) => dispatch({ type: "setMode", mode: on ? "hybrid" : "meaning" })}
        />
        <Switch
          label="Hide duplicates"
          title="Show near-duplicates as one photo"
          on={search.dedupe}
          onChange={(dedupe) => dispatch({ type: "setDedupe", dedupe })}
        />
      </div>
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
