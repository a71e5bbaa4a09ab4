import type { Filters } from "../api/types";
import { activeFilters } from "../query/filters";
import { columnOf, headingOf, isOwn } from "../query/own-filters";
import { Icon } from "../shared/icons";
import { useFilters } from "./use-filters";

const WORDS: Partial<Record<keyof Filters, (value: string) => string>> = {
  min_width: (value) => `at least ${value} px wide`,
  min_height: (value) => `at least ${value} px high`,
  taken_from: (value) => `from ${value}`,
  taken_to: (value) => `until ${value}`,
  added_from: (value) => `added from ${value}`,
  model_release: (value) => `model release: ${value}`,
  property_release: (value) => `property release: ${value}`,
  added_to: (value) => `added until ${value}`,
};

/** The filters that are on, each with a way to take it off. */
export function ActiveFilters() {
  const { filters, onChange } = useFilters();
  const active = activeFilters(filters);
  if (!active.length) return null;
  return (
    <ul className="active-filters" aria-label="Filters">
      {active.map(({ name, value, without }) => {
        const words = isOwn(name)
          ? `${headingOf(columnOf(name))}: ${value}`
          : (WORDS[name]?.(value) ?? value);
        return (
          <li key={`${name} ${value}`}>
            <button
              type="button"
              className="pill"
              aria-label={`Remove the filter ${words}`}
              onClick={() => onChange(without)}
            >
              {name === "colour" && value.startsWith("#") && (
                <span className="dot" style={{ backgroundColor: value }} />
              )}
              {words}
              <Icon name="close" />
            </button>
          </li>
        );
      })}
      {active.length > 1 && (
        <li>
          <button type="button" className="link" onClick={() => onChange({})}>
            Remove all
          </button>
        </li>
      )}
    </ul>
  );
}
