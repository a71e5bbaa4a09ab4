import { useState } from "react";
import type { Count } from "../api/types";
import { ratingText } from "../photo/written";
import { type FacetFilter, toggle } from "../query/filters";
import { headingOf, type OwnField, ownValues, toggleOwn } from "../query/own-filters";
import { numberText } from "../shared/format";
import { choicesOf, ownChoicesOf } from "./use-facets";
import type { ChoiceProps } from "./use-filters";

const FIRST = 7;

/** The values of a field of photos. */
export function FacetChoices({
  filters,
  onChange,
  facets,
  name,
  title,
}: ChoiceProps & FacetFilter) {
  return (
    <ChoiceList
      title={title}
      choices={choicesOf(facets, filters, name, name)}
      {...(name === "rating" && { shown: ratingText })}
      chosen={filters[name] ?? []}
      onToggle={(value) => onChange(toggle(filters, name, value))}
    />
  );
}

type OwnProps = ChoiceProps & { field: OwnField; title: string };

/** The values of a column of the user's own manifest. */
export function OwnChoices({ filters, onChange, facets, field, title }: OwnProps) {
  return (
    <ChoiceList
      title={headingOf(title)}
      about={`The column ${title} of your manifest`}
      choices={ownChoicesOf(facets, filters, field)}
      chosen={ownValues(filters, field)}
      onToggle={(value) => onChange(toggleOwn(filters, field, value))}
    />
  );
}

interface Props {
  title: string;
  about?: string;
  choices: readonly Count[];
  chosen: readonly string[];
  /** How a value is written for people. */
  shown?: (value: string) => string;
  onToggle: (value: string) => void;
}

/** Checkboxes with counts; the rest opens on demand. */
function ChoiceList({ title, about, choices, chosen, shown: textOf = String, onToggle }: Props) {
  const [all, setAll] = useState(false);
  if (!choices.length) return null;
  const shown = all
    ? choices
    : choices.filter(({ value }, index) => index < FIRST || chosen.includes(value));
  return (
    <fieldset className="filter">
      <legend title={about}>{title}</legend>
      {shown.map(({ value, count }) => (
        <label key={value} className="choice">
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={() => onToggle(value)}
          />
          <span className="choice-name" title={value}>
            {textOf(value)}
          </span>
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
