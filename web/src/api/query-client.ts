import { QueryClient } from "@tanstack/react-query";
import { isUnavailable } from "./problem";

/** Milliseconds for which an answer is not asked for again. */
export const STALE_AFTER = 60_000;

/** Milliseconds until a service that was down is asked again. */
const TRY_AGAIN = 3_000;

/** A cache of the gateway's answers. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: STALE_AFTER,
        refetchOnWindowFocus: false,
        // Another try helps against a gateway that is just starting, and against nothing else.
        retry: (failures, error) => isUnavailable(error) && failures < 1,
        retryDelay: 500,
        // Whatever the page lacks comes by itself once the service is back.
        refetchInterval: (query) => (isUnavailable(query.state.error) ? TRY_AGAIN : false),
        // A gateway on this machine is there without a network, too.
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}
