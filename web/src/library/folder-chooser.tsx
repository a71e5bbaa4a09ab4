import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import * as api from "../api/client";
import type { Folder, SubFolder } from "../api/types";
import { useStats } from "../panels/use-stats";
import { errorText, lastPart, numberText, photosText } from "../shared/format";
import { Icon, type IconName } from "../shared/icons";
import { modelNote } from "./model-note";
import { isOver } from "./run-texts";
import { useFolderRun, useRunActions } from "./use-folder-run";

const PLACES: Record<string, IconName> = {
  Pictures: "photos",
  Home: "home",
  Downloads: "download",
  Desktop: "system",
  "This computer": "drive",
};

const TELLING = 100; // photos

/** The folders of this machine, one after the other, until it is the one with the photos. */
export function FolderChooser({ onBegun }: { onBegun?: () => void }) {
  const [path, setPath] = useState("");
  const stats = useStats().data;
  const { run } = useFolderRun();
  const { begin } = useRunActions();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["folder", path],
    queryFn: ({ signal }) => api.folder(path, signal),
    staleTime: 0,
    gcTime: 0,
  });
  // One that cannot be opened leaves the one before on the page.
  const [folder, setFolder] = useState<Folder>();
  if (data && data !== folder) setFolder(data);
  const here = useRef<HTMLElement>(null);
  const moved = useRef(false);
  const shown = folder?.path;
  // After a step the keyboard, and what is read out, begin at the folder that was opened.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another folder is shown
  useEffect(() => {
    if (moved.current) here.current?.focus();
  }, [shown]);
  const go = (next: string) => {
    moved.current = true;
    begin.reset();
    if (next === path) void refetch();
    else setPath(next);
  };
  const busy = run !== null && !isOver(run);
  const submit = () => shown && begin.mutate(shown, onBegun && { onSuccess: onBegun });
  const problem = error ?? begin.error;
  return (
    <div className="folders" aria-busy={isFetching}>
      <Crumbs folder={folder} here={here} onGo={go} />
      {problem && (
        <p className="folders-problem error" role="alert">
          {errorText(problem)}
        </p>
      )}
      <SubFolders folder={folder} onGo={go} />
      <div className="folders-end">
        <p>
          {busy
            ? `Wait until ${lastPart(run.folder)} is indexed.`
            : folder?.path
              ? folder.problem || countOf(folder)
              : "Open the folder that your photos are in."}
        </p>
        {shown && (
          <button
            type="button"
            className="button primary"
            disabled={isFetching || busy || begin.isPending || !canBegin(folder)}
            onClick={submit}
          >
            Index this folder
          </button>
        )}
      </div>
      {stats && !stats.precision && <p className="folders-note">{modelNote(stats.model)}</p>}
    </div>
  );
}

function canBegin(folder: Folder): boolean {
  return !folder.problem && (folder.photos > 0 || !folder.is_exact);
}

function countOf({ photos, is_exact }: Pick<Folder, "photos" | "is_exact">): string {
  if (is_exact) return photos ? `${photosText(photos)} in here` : "No photos in here";
  return photos < TELLING ? "A large folder" : `More than ${photosText(photos)} in here`;
}

/** A count that was cut off; one that was cut off at once says nothing. */
function atLeast(photos: number): string {
  return photos < TELLING ? "" : `over ${photosText(photos)}`;
}

interface CrumbsProps {
  folder: Folder | undefined;
  here: React.RefObject<HTMLElement | null>;
  onGo: (path: string) => void;
}

/** The way to the folder that is shown. */
function Crumbs({ folder, here, onGo }: CrumbsProps) {
  const atStart = !folder?.path;
  return (
    <nav className="crumbs" aria-label="Where this folder is">
      <ol>
        <li>
          {atStart ? (
            <Here here={here} name="Places" />
          ) : (
            <button type="button" onClick={() => onGo("")}>
              Places
            </button>
          )}
        </li>
        {folder?.parents.map(({ name, path }) => (
          <li key={path}>
            <button type="button" onClick={() => onGo(path)}>
              {name}
            </button>
          </li>
        ))}
        {!atStart && (
          <li>
            <Here here={here} name={folder.name} />
          </li>
        )}
      </ol>
    </nav>
  );
}

function Here({ here, name }: { here: React.RefObject<HTMLElement | null>; name: string }) {
  return (
    <span
      ref={(node) => {
        here.current = node;
      }}
      tabIndex={-1}
      aria-current="location"
    >
      {name}
    </span>
  );
}

interface SubFoldersProps {
  folder: Folder | undefined;
  onGo: (path: string) => void;
}

function SubFolders({ folder, onGo }: SubFoldersProps) {
  if (!folder) return <p className="folders-empty">Looking…</p>;
  if (!folder.folders.length) return <p className="folders-empty">No folders in here.</p>;
  return (
    // A new element for each folder, which begins at its top.
    <ul key={folder.path} className="folder-list" aria-label="Folders">
      {folder.folders.map((each) => (
        <li key={each.path || each.name}>
          <Row folder={each} isPlace={!folder.path} onGo={onGo} />
        </li>
      ))}
      {folder.more > 0 && (
        <li className="folders-empty">{numberText(folder.more)} more folders are not shown.</li>
      )}
    </ul>
  );
}

interface RowProps {
  folder: SubFolder;
  isPlace: boolean;
  onGo: (path: string) => void;
}

function Row({ folder, isPlace, onGo }: RowProps) {
  const { name, path, photos, is_exact, problem } = folder;
  if (problem) {
    return (
      <div className="folder-row" data-closed="true">
        <Icon name="folder" />
        <span className="folder-name">{name}</span>
        <span className="count">{problem}</span>
      </div>
    );
  }
  const count = is_exact ? photos && photosText(photos) : atLeast(photos);
  return (
    <button type="button" className="folder-row" onClick={() => onGo(path)}>
      <Icon name={(isPlace && (PLACES[name] ?? "drive")) || "folder"} />
      <span className="folder-name">{name}</span>
      <span className="count">{count || ""}</span>
      <Icon name="right" />
    </button>
  );
}
