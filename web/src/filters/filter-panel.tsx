import { ChoiceList } from "./choice-list";
import { ColourChoice } from "./colour-choice";
import { DateChoice } from "./date-choice";
import type { FilterProps } from "./props";
import { SizeChoice } from "./size-choice";

export function FilterPanel(props: FilterProps) {
  return (
    <div className="filters">
      <ColourChoice {...props} />
      <ChoiceList {...props} name="orientation" facet="orientation" title="Orientation" />
      <ChoiceList {...props} name="tags" facet="tags" title="Tags" />
      <ChoiceList {...props} name="photographer" facet="photographer" title="Photographer" />
      <ChoiceList {...props} name="licence" facet="licence" title="Licence" />
      <DateChoice {...props} />
      <SizeChoice {...props} />
    </div>
  );
}
