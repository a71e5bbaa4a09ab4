import { useEffect, useState } from "react";
import type { Run } from "../api/types";
import { useStats } from "../panels/use-stats";
import { errorText, lastPart, numberText } from "../shared/format";
import { Icon } from "../shared/icons";
import { modelNote } from "./model-note";
import { errorParts, isOver, leftOutText, outcomeText, progressText, runTitle } from "./run-texts";
import { useRunActions } from "./use-folder-run";

interface Props {
  run: Run;
  /** Opens the folders, unless they are on the page anyway. */
  onChoose: (() => void) | undefined;
}

/** How the run over a folder stands, whoever began it, and how it ended. */
export function RunPanel({ run, onChoose }: Props) {
  const { begin, stop, forget } = useRunActions();
  const over = isOver(run);
  const problem = begin.error ?? stop.error;
  return (
    <section className="run" aria-label={runTitle(run)} data-state={run.state}>
      <div className="run-head">
        <span className="run-mark">
          <Icon name={markOf(run)} />
        </span>
        <div className="run-text">
          <h2>{runTitle(run)}</h2>
          <p>
            <RunLine run={run} />
          </p>
        </div>
        <div className="run-actions">
          {!over && (
            <button
              type="button"
              className="button"
              disabled={run.state === "stopping" || stop.isPending}
              onClick={() => stop.mutate()}
            >
              {run.state === "stopping" ? "Stopping…" : "Stop"}
            </button>
          )}
          {(run.state === "failed" || run.state === "stopped") && (
            <button
              type="button"
              className="button"
              disabled={begin.isPending}
              onClick={() => begin.mutate(run.folder)}
            >
              {run.state === "failed" ? "Try again" : "Go on"}
            </button>
          )}
          {over && onChoose && (
            <button type="button" className="button" onClick={onChoose}>
              Add another folder
            </button>
          )}
          {over && (
            <button
              type="button"
              className="button quiet square"
              aria-label="Put this away"
              title="Put this away"
              onClick={() => forget.mutate()}
            >
              <Icon name="close" />
            </button>
          )}
        </div>
      </div>
      {!over && <Bar run={run} />}
      {problem && (
        <p className="error" role="alert">
          {errorText(problem)}
        </p>
      )}
      <Details run={run} />
      <Spoken run={run} />
    </section>
  );
}

function markOf(run: Run) {
  if (run.state === "failed") return "alert";
  return run.state === "done" ? "check" : "photos";
}

function RunLine({ run }: { run: Run }) {
  const stats = useStats().data;
  if (run.state === "failed") return <>{errorParts(run.error)[0]}</>;
  if (isOver(run)) return <>{outcomeText(run)}</>;
  if (run.state !== "preparing") return <>{progressText(run)}</>;
  if (stats && !stats.precision) return <>{modelNote(stats.model)} The photos follow.</>;
  return <>Looking through the folder…</>;
}

function Bar({ run }: { run: Run }) {
  const known = run.done > 0 && run.total !== null;
  return (
    <progress
      className="run-bar"
      aria-label="Photos dealt with"
      {...(known && { max: Math.max(1, run.total ?? 1), value: run.done })}
    >
      {progressText(run)}
    </progress>
  );
}

/** What was left out and why, and what else is told. */
function Details({ run }: { run: Run }) {
  const more = run.skipped - run.left_out.length;
  const rest = errorParts(run.error)[1];
  return (
    <>
      {rest && (
        <details className="left-out">
          <summary>What exactly</summary>
          <p>{rest}</p>
        </details>
      )}
      {run.skipped > 0 && (
        <details className="left-out">
          <summary>{leftOutText(run)}</summary>
          <ul>
            {run.left_out.map(({ uri, reason }) => (
              <li key={uri + reason}>
                <span className="left-out-name" title={uri}>
                  {lastPart(uri)}
                </span>
                <span>{reason}</span>
              </li>
            ))}
            {more > 0 && <li>and {numberText(more)} more</li>}
          </ul>
        </details>
      )}
      {run.not_read && <p className="run-remark">{run.not_read}</p>}
      {run.remarks.map((remark) => (
        <p key={remark} className="run-remark">
          {remark}
        </p>
      ))}
    </>
  );
}

/** What screen readers are told: each turn of events, and each quarter, but not each second. */
function Spoken({ run }: { run: Run }) {
  const quarter = run.total ? Math.floor((4 * run.done) / run.total) : 0;
  const [text, setText] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: not at each photo
  useEffect(() => {
    const line = run.error || (isOver(run) ? outcomeText(run) : progressText(run));
    setText(`${runTitle(run)}. ${run.state === "preparing" ? "" : line}`);
  }, [run.id, run.state, quarter]);
  return (
    <p className="hidden" role="status">
      {text}
    </p>
  );
}
