/** Paths on a grid of 24 by 24, drawn with a line. */
const PATHS = {
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Z M20 20l-4-4",
  picture:
    "M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1Z M4 17l5-5 4 4 2.5-2.5L20 17.5 M15.5 9.5h.01",
  close: "M6 6l12 12 M18 6 6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  similar:
    "M4 6a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2Z M9 19.5h8.5a2 2 0 0 0 2-2V9",
  copies: "M5 9h14v10H5Z M7.5 5.5h9",
  filter: "M4 7h16 M7 12h10 M10 17h4",
  upload: "M12 16V5 M7.5 9.5l4.5-4.5 4.5 4.5 M5 19h14",
  download: "M12 5v10 M7.5 11l4.5 4.5 4.5-4.5 M5 19h14",
  chart: "M5 19V11 M12 19V5 M19 19v-5",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M18.4 5.6l-1.1 1.1M6.7 17.3l-1.1 1.1",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10Z",
  system: "M4 5h16v11H4Z M9 20h6 M12 16v4",
  left: "m14.5 5-7 7 7 7",
  right: "M9.5 5l7 7-7 7",
  plus: "M12 5v14 M5 12h14",
  trash: "M5 7h14 M9.5 7V4.5h5V7 M7 7l.8 12.5h8.4L17 7",
  copy: "M9 9h10v10H9Z M5 15V5h10",
  expand: "M5 9V5h4 M15 5h4v4 M19 15v4h-4 M9 19H5v-4",
  keyboard: "M3.5 7h17v10h-17Z M7 10.5h.01M10.3 10.5h.01M13.7 10.5h.01M17 10.5h.01M8 13.7h8",
  folder:
    "M3.5 7a1.5 1.5 0 0 1 1.5-1.5h4l2 2.5h8A1.5 1.5 0 0 1 20.5 9.5V17a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 17Z",
  home: "M4.5 11 12 4.5 19.5 11 M6.5 9.5V19h11V9.5",
  drive: "M4 13.5h16V18H4Z M4 13.5 6.5 6h11l2.5 7.5 M16.5 15.75h.01",
  photos: "M7 4.5h12.5V17H7Z M4.5 7.5v12H16.5 M7 14l3.5-3.5 3 3 2-2 4 3.5",
  alert: "M12 8v5 M12 16.2h.01 M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16Z",
  text: "M4 8.5V5a1 1 0 0 1 1-1h3.5 M15.5 4H19a1 1 0 0 1 1 1v3.5 M20 15.5V19a1 1 0 0 1-1 1h-3.5 M8.5 20H5a1 1 0 0 1-1-1v-3.5 M8 8.5h8 M12 8.5V16",
  link: "M14 5h5v5 M19 5l-8 8 M17 14v5H5V7h5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <rect x="3" y="3" width="13.5" height="13.5" rx="3.5" />
      <path d="M7 21h10.5a3.5 3.5 0 0 0 3.5-3.5V7.5" />
    </svg>
  );
}
