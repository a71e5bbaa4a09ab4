import { QueryClient } from "@tanstack/react-query";
import { isUnavailable } from "./problem";

/** A cache of the gateway's answers. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 60_000,
        refetchOnWindowFocus: false,
        // Another try helps against a gateway that is just starting, and against nothing else.
        retry: (failures, error) => isUnavailable(error) && failures < 1,
        retryDelay: 500,
        // A gateway on this machine is there without a network, too.
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}
