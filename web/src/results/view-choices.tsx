import { useRoute } from "../query/route-context";
import { Switch } from "../shared/switch";
import { OrderChoice } from "./order-choice";

/** How photos are looked for and shown: above the photos, or with the filters where that is narrow. */
export function ViewChoices() {
  const { route, dispatch } = useRoute();
  const { mode, dedupe } = route.search;
  return (
    <div className="view-choices">
      <OrderChoice />
      <Switch
        label="Keywords too"
        title="Hybrid search: by meaning, and by the words of captions and tags"
        on={mode === "hybrid"}
        onChange={(on) => dispatch({ type: "setMode", mode: on ? "hybrid" : "meaning" })}
      />
      <Switch
        label="Hide duplicates"
        title="Show near-duplicates as one photo"
        on={dedupe}
        onChange={(on) => dispatch({ type: "setDedupe", dedupe: on })}
      />
    </div>
  );
}
