import { useCallback, useMemo, useRef, useState } from "react";
import { ActiveFilters } from "./filters/active-filters";
import { FilterPanel } from "./filters/filter-panel";
import { useFiltersOpen } from "./filters/use-filters-open";
import { Header } from "./header";
import { KeyDialog } from "./panels/key-dialog";
import { ShortcutsDialog } from "./panels/shortcuts-dialog";
import { StatsDialog } from "./panels/stats-dialog";
import { useStats } from "./panels/use-stats";
import { PhotoView } from "./photo/photo-view";
import { activeFilters, type Filters } from "./query/filters";
import type { Part } from "./query/grammar";
import { EVERYTHING, requestOf } from "./query/search";
import { usePlace } from "./query/use-route";
import { Results } from "./results/results";
import { ResultsBar } from "./results/results-bar";
import { SelectionBar } from "./results/selection-bar";
import { SearchBar } from "./search/search-bar";
import { usePictureSearch } from "./search/use-picture-search";
import { useSearch } from "./search/use-search";
import { NOTHING } from "./selection";
import { Dialog } from "./shared/dialog";
import { photosText } from "./shared/format";
import { DropZones } from "./upload/drop-zones";
import { UploadDialog } from "./upload/upload-dialog";
import { usePaste } from "./upload/use-paste";
import { useShortcuts } from "./use-shortcuts";

type Panel = "none" | "stats" | "shortcuts" | "upload";

const NO_FILES: readonly File[] = [];

export function App() {
  const { place, settled, dispatch, closePhoto } = usePlace();
  const found = useSearch(useMemo(() => requestOf(settled.search), [settled.search]));
  const [selection, setSelection] = useState(NOTHING);
  const [panel, setPanel] = useState<Panel>("none");
  const [files, setFiles] = useState(NO_FILES);
  const filterView = useFiltersOpen();
  const canUpload = useStats().data?.upload ?? false;
  const box = useRef<HTMLInputElement>(null);
  const results = useRef<HTMLElement>(null);

  const addPart = useCallback((part: Part) => dispatch({ type: "add", part }), [dispatch]);
  const { searchWith, waiting } = usePictureSearch(addPart);
  usePaste(searchWith);

  const openUpload = (chosen: readonly File[]) => {
    setFiles(chosen);
    setPanel("upload");
  };
  const focusPhotos = () =>
    results.current?.querySelector<HTMLElement>('.tile-link[tabindex="0"]')?.focus();
  useShortcuts({
    focusSearch: () => box.current?.select(),
    focusPhotos,
    clearSelection: () => setSelection(NOTHING),
    help: () => setPanel("shortcuts"),
  });

  const { search } = place;
  const pages = found.data?.pages;
  const shown = useMemo(
    () => pages?.flatMap((page) => page.hits.flatMap((hit) => [hit, ...hit.duplicates])) ?? [],
    [pages],
  );
  const filterProps = {
    filters: search.filters,
    onChange: (filters: Filters) => dispatch({ type: "filter", filters }),
  };

  return (
    <>
      <a className="skip" href="#photos">
        Skip to the photos
      </a>
      <Header
        canUpload={canUpload}
        onHome={() =>
          dispatch({ type: "restore", place: { search: EVERYTHING, photo: null, pace: "step" } })
        }
        onUpload={() => openUpload(NO_FILES)}
        onStats={() => setPanel("stats")}
        onShortcuts={() => setPanel("shortcuts")}
      >
        <SearchBar
          search={search}
          dispatch={dispatch}
          box={box}
          waiting={waiting}
          onPicture={searchWith}
          onLeave={focusPhotos}
        />
      </Header>
      <div className="progress" data-busy={found.isFetching || waiting} />
      <div className="body" data-filters={filterView.asPanel}>
        {filterView.asPanel && (
          <aside id="filters" className="side" aria-label="Filters">
            <FilterPanel {...filterProps} />
          </aside>
        )}
        <main id="photos" tabIndex={-1}>
          <ResultsBar
            search={search}
            dispatch={dispatch}
            answer={pages?.[0]}
            filterCount={activeFilters(search.filters).length}
            filtersOpen={filterView.asPanel || filterView.asSheet}
            onFilters={filterView.toggle}
          />
          <ActiveFilters {...filterProps} />
          <Results
            search={search}
            found={found}
            dispatch={dispatch}
            selection={selection}
            onSelect={setSelection}
            canUpload={canUpload}
            onUpload={() => openUpload(NO_FILES)}
            frame={results}
          />
        </main>
      </div>
      <SelectionBar ids={selection.ids} onClear={() => setSelection(NOTHING)} />
      <DropZones canUpload={canUpload} onSearch={searchWith} onUpload={openUpload} />
      {place.photo !== null && (
        <PhotoView
          id={place.photo}
          shown={shown}
          search={search}
          dispatch={dispatch}
          onClose={closePhoto}
        />
      )}
      {filterView.asSheet && (
        <Dialog title="Filters" className="sheet" onClose={filterView.toggle}>
          <FilterPanel {...filterProps} />
          <div className="sheet-end">
            <button type="button" className="button primary" onClick={filterView.toggle}>
              Show {photosText(pages?.[0]?.total ?? 0)}
            </button>
          </div>
        </Dialog>
      )}
      {panel === "stats" && <StatsDialog onClose={() => setPanel("none")} />}
      {panel === "shortcuts" && <ShortcutsDialog onClose={() => setPanel("none")} />}
      {panel === "upload" && (
        <UploadDialog
          files={files}
          onOpen={(photo) => {
            setPanel("none");
            dispatch({ type: "open", photo });
          }}
          onClose={() => setPanel("none")}
        />
      )}
      <KeyDialog />
    </>
  );
}
