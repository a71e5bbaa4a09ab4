import { useMemo, useRef, useState } from "react";
import { ActiveFilters } from "./filters/active-filters";
import { FilterPanel, FilterSheet } from "./filters/filter-panel";
import { useFiltersOpen } from "./filters/use-filters-open";
import { Header } from "./header";
import { FirstPage } from "./library/first-page";
import { RunPanel } from "./library/run-panel";
import { useComingPhotos, useFolderRun } from "./library/use-folder-run";
import { KeyDialog } from "./panels/key-dialog";
import { ShortcutsDialog } from "./panels/shortcuts-dialog";
import { StatsDialog } from "./panels/stats-dialog";
import { useStats } from "./panels/use-stats";
import { PhotoView } from "./photo/photo-view";
import { RouteProvider, useRoute } from "./query/route-context";
import { requestOf } from "./query/search";
import { Results } from "./results/results";
import { ResultsBar } from "./results/results-bar";
import { ViewChoices } from "./results/view-choices";
import { SearchBar } from "./search/search-bar";
import { usePictureSearch } from "./search/use-picture-search";
import { useSearch } from "./search/use-search";
import { EMPTY_SELECTION } from "./selection/selection";
import { SelectionBar } from "./selection/selection-bar";
import { SelectionProvider, useSelection } from "./selection/selection-context";
import { DropZones } from "./upload/drop-zones";
import { UploadProvider, useUpload } from "./upload/upload-context";
import { usePaste } from "./upload/use-paste";
import { useShortcuts } from "./use-shortcuts";

export function App() {
  return (
    <RouteProvider>
      <SelectionProvider>
        <UploadProvider>
          <Page />
        </UploadProvider>
      </SelectionProvider>
      <KeyDialog />
    </RouteProvider>
  );
}

function Page() {
  const { route, settled } = useRoute();
  const [, setSelection] = useSelection();
  const { searchWith, reading } = usePictureSearch();
  const [panel, setPanel] = useState<"none" | "stats" | "shortcuts">("none");
  const filterView = useFiltersOpen();
  const view = filterView.viewInside && <ViewChoices />;
  const filtersOpen = filterView.asPanel || filterView.asSheet;
  const found = useSearch(
    useMemo(() => requestOf(settled.search), [settled.search]),
    filtersOpen,
  );
  const box = useRef<HTMLInputElement>(null);
  const results = useRef<HTMLElement>(null);

  const closePanel = () => setPanel("none");
  const focusPhotos = () =>
    results.current?.querySelector<HTMLElement>('.tile-link[tabindex="0"]')?.focus();
  usePaste(searchWith);
  useShortcuts({
    focusSearch: () => box.current?.select(),
    focusPhotos,
    clearSelection: () => setSelection(EMPTY_SELECTION),
    help: () => setPanel("shortcuts"),
  });

  const { openFolders } = useUpload();
  const { run } = useFolderRun();
  useComingPhotos(run);

  const pages = found.data?.pages;
  const isEmpty = useStats().data?.photos === 0 && !pages?.[0]?.total;
  const asPanel = filterView.asPanel && !isEmpty;
  const photos = useMemo(
    () => pages?.flatMap((page) => page.hits.flatMap((hit) => [hit, ...hit.duplicates])) ?? [],
    [pages],
  );

  return (
    <>
      <a className="skip" href="#photos">
        Skip to the photos
      </a>
      <Header onStats={() => setPanel("stats")} onShortcuts={() => setPanel("shortcuts")}>
        <SearchBar box={box} reading={reading} onPicture={searchWith} onLeave={focusPhotos} />
      </Header>
      <div className="progress" data-busy={found.isFetching || reading} />
      <div className="body" data-filters={asPanel}>
        {asPanel && (
          <aside id="filters" className="side" aria-label="Filters">
            <FilterPanel searching={found.isFetching} view={view} />
          </aside>
        )}
        <main id="photos" tabIndex={-1}>
          {run && <RunPanel key={run.id} run={run} onChoose={isEmpty ? undefined : openFolders} />}
          {isEmpty ? (
            <FirstPage />
          ) : (
            <>
              <ResultsBar
                answer={pages?.[0]}
                filtersOpen={filtersOpen}
                viewInside={filterView.viewInside}
                onFilters={filterView.toggle}
              />
              <ActiveFilters />
              <Results found={found} frame={results} />
            </>
          )}
        </main>
      </div>
      <SelectionBar />
      <DropZones onSearch={searchWith} />
      {route.photo !== null && <PhotoView id={route.photo} shown={photos} />}
      {filterView.asSheet && (
        <FilterSheet
          total={pages?.[0]?.total ?? 0}
          searching={found.isFetching}
          view={view}
          onClose={filterView.toggle}
        />
      )}
      {panel === "stats" && <StatsDialog onClose={closePanel} />}
      {panel === "shortcuts" && <ShortcutsDialog onClose={closePanel} />}
    </>
  );
}
