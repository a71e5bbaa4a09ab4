import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { isUnavailable } from "./api/problem";
import { App } from "./app";
import { Notices } from "./shared/notices";
import "./styles/index.css";

const queries = new QueryClient({
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

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element #root.");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Notices>
        <App />
      </Notices>
    </QueryClientProvider>
  </StrictMode>,
);
