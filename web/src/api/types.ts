/** What the gateway's API says, as /docs describes it. */

export interface PhotoLinks {
  self: string;
  thumbnail: string;
  original: string;
}

export type Orientation = "landscape" | "portrait" | "square";

export interface Photo {
  id: string;
  caption: string;
  tags: string[];
  photographer: string;
  licence: string;
  attribution: string;
  source_url: string;
  uri: string;
  /** Pixels of the original. */
  width: number;
  height: number;
  orientation: Orientation;
  /** The dominant colour as "#rrggbb", or "" where it is unknown. */
  colour: string;
  colours: string[];
  /** When the camera says it was taken, an ISO date with time, or "". */
  taken: string;
  metadata: Record<string, string>;
  links: PhotoLinks;
}

export interface Hit extends Photo {
  rank: number;
  /** Cosine similarity in [-1, 1]; null where photos are only listed. */
  score: number | null;
  duplicates: Photo[];
}

export type Mode = "meaning" | "hybrid";
export type Confidence = "high" | "medium" | "low";

export interface Timing {
  encode_ms: number;
  search_ms: number;
  total_ms: number;
}

export type AnsweredPart =
  | { kind: "text"; text: string; weight: number }
  | { kind: "id"; id: string; weight: number }
  | { kind: "vector"; vector: string; weight: number };

export interface Answer {
  query: { text: string; parts: AnsweredPart[] };
  mode: Mode | "browse";
  /** Photos that satisfy the filters. */
  total: number;
  confidence: Confidence | null;
  next_offset: number | null;
  timing: Timing;
  hits: Hit[];
}

export interface Count {
  value: string;
  count: number;
}

export interface Facets {
  total: number;
  tags: Count[];
  licence: Count[];
  photographer: Count[];
  orientation: Count[];
  colours: Count[];
  years: Count[];
}

export interface Stats {
  photos: number;
  model: string;
  dimensions: number;
  precision: string;
  device: string;
  location: string;
  ann: boolean;
  version: string;
  upload: boolean;
  key_needed: "none" | "write" | "all";
}

/** What is said about photos that are added. */
export interface Description {
  caption: string;
  tags: string;
  photographer: string;
  licence: string;
  source_url: string;
}

/** A problem document of RFC 9457. */
export interface ProblemDocument {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  instance?: string;
  id?: string;
}
