import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueryClient } from "./api/query-client";
import { App } from "./app";
import { Notices } from "./shared/notices";
import "./styles/index.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element #root.");

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={createQueryClient()}>
      <Notices>
        <App />
      </Notices>
    </QueryClientProvider>
  </StrictMode>,
);
