import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueryClient } from "./api/query-client";
import { App } from "./app";
import { Notices } from "./shared/notices";
import "./styles/index.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element #root.");

/* How wide the page's scrollbar is: a dialog over all of it leaves that room inside. */
const measure = () => {
  const width = innerWidth - document.documentElement.clientWidth;
  document.documentElement.style.setProperty("--scrollbar", `${width}px`);
};
if (!document.querySelector("dialog[open]")) measure();

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={createQueryClient()}>
      <Notices>
        <App />
      </Notices>
    </QueryClientProvider>
  </StrictMode>,
);
