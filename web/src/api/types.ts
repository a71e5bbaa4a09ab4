/** Names for what the gateway's API takes and gives. `schema.ts` is made from its OpenAPI document. */

import type { components, paths } from "./schema";

type Schemas = components["schemas"];

export type Photo = Schemas["PhotoModel"];
export type Hit = Schemas["HitModel"];
export type PictureText = Schemas["TextModel"];
export type Answer = Schemas["SearchAnswer"];
export type Filters = Schemas["Filters"];
export type Facets = Schemas["FacetsModel"];
export type OwnFacet = Schemas["OwnFacet"];
export type Count = Schemas["Count"];
export type Stats = Schemas["Stats"];
export type SearchBody = Schemas["SearchWithFacets"];
export type ClickBody = Schemas["ClickBody"];
export type Ids = Schemas["Ids"];
export type SessionBody = Schemas["SessionBody"];
export type Folder = Schemas["FolderModel"];
export type SubFolder = Schemas["SubFolderModel"];
export type Run = Schemas["RunModel"];
export type RunAnswer = Schemas["RunAnswer"];
export type Mode = NonNullable<SearchBody["mode"]>;

type UploadForm = paths["/api/photos"]["post"]["requestBody"]["content"]["multipart/form-data"];

/** What is said about photos that are added. */
export type Description = Omit<UploadForm, "file" | "tag">;

/** A problem document. A proxy may answer with something else, so any member may be missing. */
export type ProblemDocument = Partial<Schemas["Problem"]>;
