import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import * as api from "../api/client";
import type { Run } from "../api/types";
import { useStats } from "../panels/use-stats";
import { refresh } from "../search/use-search";
import { isOver } from "./run-texts";

const RUN = ["folder run"];
const LOOK_AGAIN = 1000; // milliseconds, while a run is under way
const LOOK_FOR_OTHERS = 10_000; // another page, or the same in another tab, may begin one
const NEAR_TOP = 400; // pixels: whoever has scrolled further looks at photos, which shall not move

/** The run over a folder of the gateway's machine, where this page may see one. */
export function useFolderRun() {
  const canIndex = useStats().data?.folders ?? false;
  const { data } = useQuery({
    queryKey: RUN,
    queryFn: ({ signal }) => api.folderRun(signal),
    enabled: canIndex,
    staleTime: 0,
    retry: false,
    refetchInterval: ({ state }) => {
      if (state.error) return false;
      return state.data && !isOver(state.data) ? LOOK_AGAIN : LOOK_FOR_OTHERS;
    },
  });
  return { canIndex, run: data ?? null };
}

/** What a person may do with runs. */
export function useRunActions() {
  const queries = useQueryClient();
  const show = (run: Run | null) => queries.setQueryData(RUN, run);
  const lookAgain = () => queries.invalidateQueries({ queryKey: RUN });
  return {
    begin: useMutation({ mutationFn: api.beginRun, onSuccess: show, onError: lookAgain }),
    stop: useMutation({ mutationFn: api.stopRun, onSuccess: show, onError: lookAgain }),
    forget: useMutation({
      mutationFn: api.forgetRun,
      onSuccess: () => show(null),
      onError: lookAgain,
    }),
  };
}

/** Fetches photos again as a run brings them, and when it has ended. */
export function useComingPhotos(run: Run | null): void {
  const queries = useQueryClient();
  const changed = run ? run.indexed + run.updated : 0;
  const over = run ? isOver(run) : true;
  const last = useRef({ id: run?.id, changed, over });
  useEffect(() => {
    const before = last.current;
    last.current = { id: run?.id, changed, over };
    const isNew = before.id !== run?.id;
    const ended = over && !(isNew || before.over);
    const more = changed > (isNew ? 0 : before.changed) && !over && scrollY < NEAR_TOP;
    if (ended || more) refresh(queries);
  }, [queries, run?.id, changed, over]);
}
