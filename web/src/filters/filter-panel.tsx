import { FACET_FILTERS } from "../query/filters";
import { isOwn } from "../query/own-filters";
import { Dialog } from "../shared/dialog";
import { photosText } from "../shared/format";
import { FacetChoices, OwnChoices } from "./choice-list";
import { ColourChoice } from "./colour-choice";
import { AddedChoice, DateChoice } from "./date-choice";
import { SizeChoice } from "./size-choice";
import { useOwnFacets } from "./use-facets";
import { useFilters } from "./use-filters";

export function FilterPanel() {
  const props = useFilters();
  const own = useOwnFacets();
  return (
    <div className="filters">
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
export function FilterSheet({ total, onClose }: { total: number; onClose: () => void }) {
  return (
    <Dialog title="Filters" className="sheet" onClose={onClose}>
      <FilterPanel />
      <div className="sheet-end">
        <button type="button" className="button primary" onClick={onClose}>
          Show {photosText(total)}
        </button>
      </div>
    </Dialog>
  );
}
