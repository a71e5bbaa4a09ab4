import type { ReactNode } from "react";
import { FACET_FILTERS } from "../query/filters";
import { isOwn } from "../query/own-filters";
import { useRoute } from "../query/route-context";
import { Dialog } from "../shared/dialog";
import { photosText } from "../shared/format";
import { FacetChoices, OwnChoices } from "./choice-list";
import { ColourChoice } from "./colour-choice";
import { AddedChoice, DateChoice } from "./date-choice";
import { SizeChoice } from "./size-choice";
import { useFacets, useOwnFacets } from "./use-facets";
import { useFilters } from "./use-filters";

interface Props {
  /** Whether a search is under way, which brings what can be chosen. */
  searching: boolean;
  /** The order and the switches, where they stand here. */
  view?: ReactNode;
}

export function FilterPanel({ searching, view }: Props) {
  const { filters: settled } = useRoute().settled.search;
  const { data: facets } = useFacets(settled, searching);
  const own = useOwnFacets(searching);
  const props = { ...useFilters(), facets };
  return (
    <div className="filters">
      {view}
      <ColourChoice {...props} />
      {FACET_FILTERS.map(({ name, title }) => (
        <FacetChoices key={name} {...props} name={name} title={title} />
      ))}
      {own.map(
        ({ field, title }) =>
          isOwn(field) && <OwnChoices key={field} {...props} field={field} title={title} />,
      )}
      <DateChoice {...props} />
      <AddedChoice {...props} />
      <SizeChoice {...props} />
    </div>
  );
}

/** The panel over the photos, where it has no room beside them. */
export function FilterSheet({
  total,
  searching,
  view,
  onClose,
}: Props & { total: number; onClose: () => void }) {
  return (
    <Dialog title="Sort and filter" className="sheet" onClose={onClose}>
      <FilterPanel searching={searching} view={view} />
      <div className="sheet-end">
        <button type="button" className="button primary" onClick={onClose}>
          Show {photosText(total)}
        </button>
      </div>
    </Dialog>
  );
}
