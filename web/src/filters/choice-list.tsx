import { useState } from "react";
import { type FacetFilter, toggle } from "../query/filters";
import { numberText } from "../shared/format";
import { useChoices } from "./use-facets";
import type { FilterProps } from "./use-filters";

const FIRST = 7;

type Props = FilterProps & FacetFilter;

/** Checkboxes with counts; the rest opens on demand. */
export function ChoiceList({ filters, onChange, name, title }: Props) {
  const [all, setAll] = useState(false);
  const choices = useChoices(filters, name, name);
  const chosen = filters[name] ?? [];
  if (!choices.length) return null;
  const shown = all
    ? choices
    : choices.filter(({ value }, index) => index < FIRST || chosen.includes(value));
  return (
    <fieldset className="filter">
      <legend>{title}</legend>
      {shown.map(({ value, count }) => (
        <label key={value} className="choice">
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={() => onChange(toggle(filters, name, value))}
          />
          <span className="choice-name">{value}</span>
          <span className="count">{numberText(count)}</span>
        </label>
      ))}
      {choices.length > FIRST && (
        <button type="button" className="link" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Fewer" : `All ${choices.length}`}
        </button>
      )}
    </fieldset>
  );
}
