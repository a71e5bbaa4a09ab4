import { useState } from "react";
import { change, type DateFilter } from "../query/filters";
import type { ChoiceProps, FilterProps } from "./use-filters";

const YEARS = 12;

/** When photos were taken: a year at a click, or from one day to another. */
export function DateChoice({ filters, onChange, facets }: ChoiceProps) {
  const anyTime = change(change(filters, "taken_from", null), "taken_to", null);
  const years = [...(facets?.years ?? [])].sort((a, b) => b.value.localeCompare(a.value));
  if (!(years.length || filters.taken_from || filters.taken_to)) return null;

  const [from, to] = [filters.taken_from ?? "", filters.taken_to ?? ""];
  const isYear = (year: string) => from === `${year}-01-01` && to === `${year}-12-31`;
  const choose = (year: string) =>
    onChange(
      isYear(year)
        ? anyTime
        : { ...anyTime, taken_from: `${year}-01-01`, taken_to: `${year}-12-31` },
    );

  return (
    <fieldset className="filter">
      <legend>Taken</legend>
      <div className="years">
        {years.slice(0, YEARS).map(({ value, count }) => (
          <button
            key={value}
            type="button"
            className="year"
            aria-pressed={isYear(value)}
            onClick={() => choose(value)}
          >
            {value} <span className="count">{count}</span>
          </button>
        ))}
      </div>
      <div className="days">
        <Day name="taken_from" label="From" filters={filters} onChange={onChange} />
        <Day name="taken_to" label="To" filters={filters} onChange={onChange} />
      </div>
    </fieldset>
  );
}

/** Since when photos are in the index. */
export function AddedChoice(props: FilterProps) {
  return (
    <fieldset className="filter">
      <legend>Added</legend>
      <div className="days">
        <Day name="added_from" label="From" {...props} />
        <Day name="added_to" label="To" {...props} />
      </div>
    </fieldset>
  );
}

interface DayProps extends FilterProps {
  name: DateFilter;
  label: string;
}

/** A day; years of less than four digits are still being typed. */
function Day({ name, label, filters, onChange }: DayProps) {
  const applied = (filters[name] ?? "").slice(0, 10);
  const [typed, setTyped] = useState({ text: applied, applied });
  if (typed.applied !== applied) setTyped({ text: applied, applied });
  const type = (text: string) => {
    setTyped({ text, applied });
    if (!text.startsWith("0")) onChange(change(filters, name, text));
  };
  return (
    <label className="field">
      {label}
      <input type="date" value={typed.text} onChange={(event) => type(event.currentTarget.value)} />
    </label>
  );
}
