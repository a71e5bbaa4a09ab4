import { toggle } from "../query/filters";
import { photosText } from "../shared/format";
import { Icon } from "../shared/icons";
import { SWATCHES } from "./swatches";
import { choicesOf } from "./use-facets";
import type { ChoiceProps } from "./use-filters";

/** Swatches of the named colours, and a picker whose colour the gateway files under a name. */
export function ColourChoice({ filters, onChange, facets }: ChoiceProps) {
  const choices = choicesOf(facets, filters, "colour", "colours");
  const chosen = filters.colour ?? [];
  const picked = chosen.find((value) => value.startsWith("#"));
  const pick = (colour: string) => {
    const named = chosen.filter((value) => !value.startsWith("#"));
    onChange({ ...filters, colour: [...named, colour] });
  };
  return (
    <fieldset className="filter">
      <legend>Colour</legend>
      <div className="swatches">
        {Object.entries(SWATCHES).map(([name, colour]) => {
          const count = choices.find((one) => one.value === name)?.count ?? 0;
          return (
            <button
              key={name}
              type="button"
              className="swatch"
              style={{ "--swatch": colour }}
              data-light={name === "white" || name === "yellow"}
              aria-pressed={chosen.includes(name)}
              aria-label={`${name}, ${photosText(count)}`}
              title={`${name} · ${count}`}
              disabled={count === 0 && !chosen.includes(name)}
              onClick={() => onChange(toggle(filters, "colour", name))}
            >
              <Icon name="check" />
            </button>
          );
        })}
        <AnyColour picked={picked} onPick={pick} />
      </div>
    </fieldset>
  );
}

function AnyColour({
  picked,
  onPick,
}: {
  picked: string | undefined;
  onPick: (colour: string) => void;
}) {
  // React's onChange follows every move within the picker; the browser's own comes at its end.
  const listen = (node: HTMLInputElement | null) => {
    const commit = () => node && onPick(node.value);
    node?.addEventListener("change", commit);
    return () => node?.removeEventListener("change", commit);
  };
  return (
    <label className="swatch any" title="Another colour" data-picked={!!picked}>
      <span className="hidden">Another colour</span>
      <input ref={listen} type="color" key={picked} defaultValue={picked ?? "#4a90a4"} />
    </label>
  );
}
