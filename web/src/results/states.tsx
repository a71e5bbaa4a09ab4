import type { ReactNode } from "react";
import { isUnavailable, mayPass } from "../api/problem";
import type { Answer } from "../api/types";
import { useRoute } from "../query/route-context";
import { errorText } from "../shared/format";

interface StateProps {
  title: string;
  children: ReactNode;
  action?: ReactNode;
}

function State({ title, children, action }: StateProps) {
  return (
    <div className="state">
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  );
}

/** The search failed. While the service is down the page goes on asking by itself. */
export function Failure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { dispatch } = useRoute();
  const down = isUnavailable(error);
  const again = mayPass(error);
  return (
    <div role="alert">
      <State
        title={down ? "The search service is not available" : "This search did not work"}
        action={
          <button
            type="button"
            className="button primary"
            onClick={again ? onRetry : () => dispatch({ type: "reset" })}
          >
            {again ? "Try again" : "Show all photos"}
          </button>
        }
      >
        {errorText(error)}
        {down &&
          " It is tried again every few seconds. When photoseek starts for the first time, it " +
            "downloads its model, which takes some minutes."}
      </State>
    </div>
  );
}

/** Photos are there, and could not be renewed or added to. */
export function Incomplete({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <p className="incomplete" role="alert">
      These may not be all photos. {errorText(error)}
      <button type="button" className="button small" onClick={onRetry}>
        Try again
      </button>
    </p>
  );
}

/** Nothing passes the filters, or nothing is left. */
export function NoPhotos({ filtered }: { filtered: boolean }) {
  const { dispatch } = useRoute();
  if (!filtered) return <State title="No photos">There is nothing here to show.</State>;
  return (
    <State
      title="No photo satisfies these filters"
      action={
        <button
          type="button"
          className="button primary"
          onClick={() => dispatch({ type: "setFilters", filters: {} })}
        >
          Remove the filters
        </button>
      }
    >
      Take one off, or choose wider ones.
    </State>
  );
}

/** What may have been meant instead. */
export function Hint({ answer }: { answer: Answer }) {
  const { dispatch } = useRoute();
  const { hint, suggestion } = answer;
  return (
    <p className="hint" role="note">
      {suggestion ? hint.replace(suggestion, "") : hint}
      {suggestion && (
        <button
          type="button"
          className="link"
          onClick={() => {
            dispatch({ type: "setText", text: suggestion });
            dispatch({ type: "commit" });
          }}
        >
          {suggestion}
        </button>
      )}
    </p>
  );
}

/** The photos below are the closest, and yet no match. */
export function NoGoodMatch({ filtered }: { filtered: boolean }) {
  return (
    <div className="no-match" role="note">
      <h2>No good match</h2>
      <p>
        Nothing {filtered ? "among the filtered photos" : "in this library"} seems to show that.
        These are the closest photos.
      </p>
    </div>
  );
}
