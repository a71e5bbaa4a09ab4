import { useQuery } from "@tanstack/react-query";
import * as api from "../api/client";

export function useStats() {
  return useQuery({ queryKey: ["stats"], queryFn: ({ signal }) => api.stats(signal) });
}
