import type { Count } from "../api/types";
import { useFacets } from "../filters/use-facets";
import { FACET_FILTERS } from "../query/filters";
import { headingOf } from "../query/own-filters";
import { Dialog } from "../shared/dialog";
import { errorText, numberText } from "../shared/format";
import { useStats } from "./use-stats";

const BARS = 8;

/** What the library holds, and how it is searched. */
export function StatsDialog({ onClose }: { onClose: () => void }) {
  const { data: stats, error } = useStats();
  const { data: facets } = useFacets({});
  const years = [...(facets?.years ?? [])].sort((a, b) => a.value.localeCompare(b.value));
  return (
    <Dialog title="This library" className="stats" onClose={onClose}>
      {error && !stats && <p className="error">{errorText(error)}</p>}
      {stats && (
        <>
          <p className="stats-count">
            {numberText(stats.photos)} <span>photos</span>
          </p>
          <dl className="facts">
            <Fact name="Model" value={`${stats.model}, ${stats.dimensions} dimensions`} />
            <Fact name="Runs on" value={`${stats.device}, ${stats.precision}`} />
            <Fact
              name="Search"
              value={stats.ann ? "approximate index, ranked again exactly" : "exact"}
            />
            <Fact name="Stored at" value={stats.location} />
            <Fact name="Version" value={stats.version} />
          </dl>
        </>
      )}
      {facets && facets.total > 0 && (
        <div className="charts">
          <Bars title="Years" counts={years} />
          <Bars title="Colours" counts={facets.colours} />
          {FACET_FILTERS.map(({ name, title }) => (
            <Bars key={name} title={title} counts={facets[name].slice(0, BARS)} />
          ))}
          {facets.metadata.map(({ field, title, values }) => (
            <Bars key={field} title={headingOf(title)} counts={values.slice(0, BARS)} />
          ))}
        </div>
      )}
      <p className="links">
        <a href="/docs">API documentation</a>
      </p>
    </Dialog>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Bars({ title, counts }: { title: string; counts: readonly Count[] }) {
  if (!counts.length) return null;
  const most = Math.max(...counts.map(({ count }) => count));
  return (
    <section>
      <h3>{title}</h3>
      <ul className="bars">
        {counts.map(({ value, count }) => (
          <li key={value} style={{ "--part": `${(count / most) * 100}%` }}>
            <span>{value}</span>
            <span className="count">{numberText(count)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
