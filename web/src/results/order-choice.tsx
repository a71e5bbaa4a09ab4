import { choicesFor, readOrder } from "../query/order";
import { useRoute } from "../query/route-context";
import { partsOf } from "../query/search";

/** In which order photos are shown. */
export function OrderChoice() {
  const { route, dispatch } = useRoute();
  const choices = choicesFor(partsOf(route.search).length > 0);
  const isOffered = choices.some(({ order }) => order === route.search.sort);
  return (
    <label className="order">
      Sort by
      <select
        value={isOffered ? route.search.sort : ""}
        onChange={(event) =>
          dispatch({ type: "setSort", sort: readOrder(event.currentTarget.value) })
        }
      >
        {choices.map(({ order, label }) => (
          <option key={order} value={order}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
