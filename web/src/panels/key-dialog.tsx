import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import * as api from "../api/client";
import { keyAsked, storeKey } from "../api/key";
import { isKeyNeeded } from "../api/problem";
import { Dialog } from "../shared/dialog";
import { errorText } from "../shared/format";

/** Asks for the API key when the gateway wants one. */
export function KeyDialog() {
  const [asked, setAsked] = useState(false);
  const queries = useQueryClient();

  useEffect(() => {
    const ask = () => setAsked(true);
    keyAsked.addEventListener("asked", ask);
    return () => keyAsked.removeEventListener("asked", ask);
  }, []);

  const session = useMutation({
    mutationFn: api.openSession,
    onSuccess: (_, key) => {
      storeKey(key);
      setAsked(false);
      void queries.invalidateQueries();
    },
  });

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget).get("key") ?? "").trim();
    if (key) session.mutate(key);
  };

  if (!asked) return null;
  return (
    <Dialog title="This library needs a key" className="small" onClose={() => setAsked(false)}>
      <form onSubmit={submit}>
        <label className="field">
          API key
          <input name="key" type="password" autoComplete="current-password" required />
        </label>
        {session.error && (
          <p className="error" role="alert">
            {isKeyNeeded(session.error) ? "That is not the key." : errorText(session.error)}
          </p>
        )}
        <div className="dialog-actions">
          <button type="submit" className="button primary" disabled={session.isPending}>
            Open
          </button>
        </div>
      </form>
    </Dialog>
  );
}
