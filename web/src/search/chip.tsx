import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as api from "../api/client";
import { fitWeight, type Part } from "../query/grammar";
import { nameOf, weightText } from "../shared/format";
import { Icon } from "../shared/icons";
import { previewOf } from "./previews";

const REACH = 2; // the slider goes from -2 to 2, and further where a weight already is

interface Props {
  part: Part;
  onWeight: (weight: number) => void;
  onRemove: () => void;
}

/** A part of the query with its weight. */
export function Chip({ part, onWeight, onRemove }: Props) {
  const { label, preview } = useFace(part);
  const [missing, setMissing] = useState("");
  const reach = Math.max(REACH, Math.ceil(Math.abs(part.weight)));
  return (
    <li className="chip" data-negative={part.weight < 0} data-kind={part.kind}>
      {part.kind !== "text" && (
        <span className="chip-picture">
          {preview && preview !== missing ? (
            <img src={preview} alt="" onError={() => setMissing(preview)} />
          ) : (
            <Icon name="picture" />
          )}
        </span>
      )}
      <span className="chip-label" title={label}>
        {label}
      </span>
      <input
        className="weight"
        type="range"
        min={-reach}
        max={reach}
        step={0.1}
        value={part.weight}
        aria-label={`Weight of ${label}`}
        aria-valuetext={weightText(part.weight)}
        title="Weight: drag below zero to avoid it"
        style={{ "--at": `${((part.weight + reach) / (2 * reach)) * 100}%` }}
        onChange={(event) => onWeight(nextWeight(part.weight, event.currentTarget.valueAsNumber))}
        onDoubleClick={() => onWeight(1)}
      />
      <output className="chip-weight" aria-hidden="true">
        {weightText(part.weight)}
      </output>
      <button type="button" className="chip-drop" aria-label={`Remove ${label}`} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </li>
  );
}

/** 0 means nothing in a query, so the slider steps over it. */
function nextWeight(from: number, to: number): number {
  if (Math.abs(to) >= 0.05) return fitWeight(to);
  return from > 0 ? -0.1 : 0.1;
}

function useFace(part: Part): { label: string; preview: string | null } {
  const photo = useQuery({
    queryKey: ["photo", part.value],
    queryFn: ({ signal }) => api.photo(part.value, signal),
    enabled: part.kind === "id",
    staleTime: Number.POSITIVE_INFINITY,
  }).data;
  if (part.kind === "text") return { label: part.value, preview: null };
  if (part.kind === "vector") return { label: "Your picture", preview: previewOf(part.value) };
  return {
    label: photo ? nameOf(photo) : part.value,
    preview: photo?.links.thumbnail ?? null,
  };
}
