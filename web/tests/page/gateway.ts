import type {
  Answer,
  Facets,
  Hit,
  Photo,
  ProblemDocument,
  SearchBody,
  Stats,
} from "../../src/api/types";

export interface Request {
  /** "POST /api/search", without the query. */
  route: string;
  parameters: URLSearchParams;
  body: unknown;
  authorization: string | null;
}

type Answers = (request: Request) => object | Response;

/**
 * A gateway of four photos that stands in for `fetch`. It finds all of them whatever is searched
 * for, and remembers what it was asked.
 */
export class Gateway {
  readonly requests: Request[] = [];
  readonly #answers = new Map<string, Answers>();

  constructor(hits: readonly Hit[] = ["a", "b", "c", "d"].map(hit)) {
    this.on("POST /api/search", ({ body }) => answerWith(hits, (body as SearchBody).facets));
    this.on("GET /api/facets", () => FACETS);
    this.on("GET /api/stats", () => STATS);
    for (const hit of hits) {
      this.on(`GET ${hit.links.self}`, () => hit);
      this.on(`GET ${hit.links.self}/similar`, () => answerWith([]));
    }
  }

  /** Gives another answer from now on. */
  on(route: string, answers: Answers): void {
    this.#answers.set(route, answers);
  }

  /** What was last asked on a route. */
  last(route: string): Request | undefined {
    return this.requests.filter((request) => request.route === route).at(-1);
  }

  get lastSearch(): SearchBody | undefined {
    return this.last("POST /api/search")?.body as SearchBody | undefined;
  }

  readonly fetch = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(path, location.href);
    const request: Request = {
      route: `${init.method ?? "GET"} ${url.pathname}`,
      parameters: url.searchParams,
      body: typeof init.body === "string" ? JSON.parse(init.body) : init.body,
      authorization: new Headers(init.headers).get("Authorization"),
    };
    this.requests.push(request);
    const answer = this.#answers.get(request.route)?.(request) ?? problem(404, "Not Found");
    return answer instanceof Response ? answer : Response.json(answer);
  };
}

export function problem(status: number, detail: string, more: ProblemDocument = {}): Response {
  return Response.json({ detail, ...more }, { status });
}

export function answerWith(hits: readonly Hit[], facets?: SearchBody["facets"]): Answer {
  return {
    query: { text: "", parts: [] },
    hint: "",
    suggestion: "",
    mode: "meaning",
    total: hits.length,
    confidence: "high",
    next_offset: null,
    next_after: null,
    timing: { encode_ms: 1, search_ms: 2, total_ms: 4 },
    hits,
    facets: facets ? (FACETS as Partial<Facets> as Facets) : null,
  };
}

export const NOTHING_WRITTEN: NonNullable<Photo["written"]> = {
  headline: "",
  title: "",
  caption: "",
  keywords: [],
  keyword_paths: [],
  creator: "",
  credit: "",
  copyright: "",
  usage_terms: "",
  licence_url: "",
  web_statement: "",
  licensor_url: "",
  model_release: "",
  property_release: "",
  source: "",
  rating: "",
  label: "",
  city: "",
  country: "",
  lens: "",
};

export function hit(id: string): Hit {
  return { ...photo(id), rank: 1, score: 0.31, lines_found: [], duplicates: [] };
}

/** A photo with the members that the page cannot do without. */
export function photo(id: string): Photo {
  const known: Partial<Photo> = {
    id,
    caption: `Photo ${id}`,
    tags: ["night"],
    photographer: "Ada",
    licence: "CC0-1.0",
    attribution: `Photo ${id} by Ada, CC0-1.0`,
    source_url: "",
    folder: "",
    uri: `/photos/${id}.jpg`,
    width: 1200,
    height: 800,
    orientation: "landscape",
    colour: "#336699",
    colours: ["blue"],
    taken: "2024-05-01",
    content_hash: id,
    metadata: {},
    written: null,
    links: {
      self: `/api/photos/${id}`,
      thumbnail: `/api/photos/${id}/thumbnail`,
      thumbnail_large: "",
      original: `/api/photos/${id}/original`,
      direct: "",
    },
  };
  return known as Photo;
}

const FACETS = {
  total: 4,
  tags: [
    { value: "night", count: 3 },
    { value: "snow", count: 1 },
  ],
  licence: [{ value: "CC0-1.0", count: 4 }],
  photographer: [{ value: "Ada", count: 4 }],
  orientation: [{ value: "landscape", count: 4 }],
  colours: [{ value: "blue", count: 4 }],
  years: [{ value: "2024", count: 4 }],
  metadata: [
    {
      field: "metadata.project",
      title: "project",
      values: [
        { value: "Spring", count: 3 },
        { value: "#1 & more", count: 1 },
      ],
    },
  ],
} satisfies Partial<Facets>;

export const STATS: Stats = {
  photos: 4,
  model: "demo",
  dimensions: 128,
  precision: "float32",
  device: "cpu",
  location: "data/index",
  ann: false,
  version: "1.0",
  reads_text: false,
  upload: true,
  clicks: false,
  folders: false,
  key_needed: "none",
};
