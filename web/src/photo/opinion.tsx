import { useMutation } from "@tanstack/react-query";
import * as api from "../api/client";
import type { Photo } from "../api/types";
import { useStats } from "../panels/use-stats";
import { useRoute } from "../query/route-context";
import { searchedText } from "../query/search";
import { errorText } from "../shared/format";
import { useNotify } from "../shared/notices";

interface Props {
  photo: Photo;
  /** Whether it is among the hits of the search, and not one of the photos like another. */
  isHit: boolean;
}

/** Whether a hit is what was meant; only where the gateway keeps such clicks. */
export function Opinion({ photo, isHit }: Props) {
  const { route } = useRoute();
  const { data: stats } = useStats();
  const query = searchedText(route.search);
  if (!(stats?.clicks && query && isHit)) return null;
  return <Buttons key={`${photo.id} ${query}`} photo={photo} query={query} />;
}

function Buttons({ photo, query }: { photo: Photo; query: string }) {
  const notify = useNotify();
  const { mutate, variables, isError } = useMutation({
    mutationFn: (good: boolean) => api.click({ query, photo: photo.id, good }),
    onError: (error) => notify(errorText(error)),
  });
  const said = isError ? undefined : variables;
  return (
    <fieldset className="opinion">
      <legend>For “{query}”</legend>
      <button
        type="button"
        className="button quiet small"
        aria-pressed={said === true}
        onClick={() => mutate(true)}
      >
        Good hit
      </button>
      <button
        type="button"
        className="button quiet small"
        aria-pressed={said === false}
        onClick={() => mutate(false)}
      >
        Wrong
      </button>
    </fieldset>
  );
}
