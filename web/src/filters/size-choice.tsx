import { change, type NumberFilter } from "../query/filters";
import type { FilterProps } from "./use-filters";

/** The least size of the original, taken over on Enter or when the field is left. */
export function SizeChoice({ filters, onChange }: FilterProps) {
  const size = (name: NumberFilter, label: string) => (
    <label className="field">
      {label}
      <input
        key={filters[name] ?? ""}
        type="number"
        min={1}
        step={1}
        inputMode="numeric"
        placeholder="any"
        defaultValue={filters[name] ?? ""}
        onBlur={(event) => {
          const value = Math.max(0, Math.round(event.currentTarget.valueAsNumber || 0));
          if (value !== (filters[name] ?? 0)) onChange(change(filters, name, value));
        }}
        onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
      />
    </label>
  );
  return (
    <fieldset className="filter">
      <legend>Smallest size, in pixels</legend>
      <div className="pair">
        {size("min_width", "Width")}
        {size("min_height", "Height")}
      </div>
    </fieldset>
  );
}
