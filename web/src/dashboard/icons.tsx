/** Line icons on a grid of 24. They never stand alone for a meaning: a word or a label is beside each. */
const SHAPES = {
  check: "M5 12.5l4.5 4.5L19 7.5",
  up: "M12 19V6M6.5 11.5L12 6l5.5 5.5",
  pencil: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  alert: "M12 4L3 19.5h18zM12 10v4.5M12 17v.3",
  cross: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  undo: "M8 5L4 9l4 4M4 9h9.5a5 5 0 010 10H10",
  copy: "M9 9h10v11H9zM5 15V4h10",
  expand: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  clock: "M12 4a8 8 0 100 16 8 8 0 000-16zM12 8v4.5l3 2",
  people: "M9 11a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM2.5 20c.5-4 3-6 6.500-6s6 2 6.500 6M16 4.500a3.500 3.500 0 010 6.500M18 14.500c2 .8 3.200 2.700 3.500 5.500",
  away: "M4 4l16 16M9 6a3.500 3.500 0 014.500 4.500M4 20c.5-4 3.500-6 8-6",
  play: "M8 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  list: "M8 6h12M8 12h12M8 18h12M4 6h.1M4 12h.1M4 18h.1",
  grid: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  tray: "M4 13l2.500-8h11L20 13v6H4zM4 13h5a3 3 0 006 0h5",
  download: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
  search: "M11 4a7 7 0 100 14 7 7 0 000-14zM16 16l4.500 4.500",
  menu: "M4 7h16M4 12h16M4 17h16",
  more: "M4.500 12a.7.7 0 101.400 0 .7.7 0 10-1.400 0M11.300 12a.7.7 0 101.400 0 .7.7 0 10-1.400 0M18.100 12a.7.7 0 101.400 0 .7.7 0 10-1.400 0",
  note: "M5 4h14v11l-5 5H5zM14 20v-5h5",
  hand: "M8 13V6a1.500 1.500 0 013 0v5-6.500a1.500 1.500 0 013 0V11 6a1.500 1.500 0 013 0v8c0 4-2.500 6.500-6 6.500-3 0-4.500-1.500-6.500-5.500L3.500 13c1-1 2.500-.5 3 .5z",
  bookmark: "M7 4h10v16l-5-4.500L7 20z",
  flag: "M6 21V4h12l-3 4.500L18 13H6",
  wifi_off: "M4 4l16 16M2.500 9.500c1.500-1.300 3-2.200 5-2.800M21.500 9.500a14 14 0 00-9-3.500M6 13c1.200-1 2.500-1.700 4-2M12 18.500v.2",
  back: "M14.500 5L8 12l6.500 7",
  forward: "M9.500 5l6.500 7-6.500 7",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  retry: "M19 12a7 7 0 11-2-5l2 2M19 4v5h-5",
  keyboard: "M3 6h18v12H3zM7 10h.1M11 10h.1M15 10h.1M8 14h8",
  book: "M5 4h9a4 4 0 014 4v12H8a3 3 0 01-3-3zM5 17a3 3 0 013-3h10",
  fork: "M6 4v4a4 4 0 004 4h4a4 4 0 004-4V4M12 12v8",
  grip: "M9 6h.1M15 6h.1M9 12h.1M15 12h.1M9 18h.1M15 18h.1",
  redo: "M16 5l4 4-4 4M20 9h-9.5a5 5 0 000 10H14",
  cap: "M12 5L2 10l10 5 10-5zM6 12.200v4.300c2.500 2 9.500 2 12 0v-4.300M22 10v6",
  pulse: "M3 12h4l2.500-7 4 14 2.500-7h5",
  upload: "M12 15V4M7 8.500L12 4l5 4.500M5 20h14",
  archive: "M4 5h16v4H4zM5.500 9v10h13V9M10 13h4",
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon(props: { name: IconName; class?: string }) {
  return (
    <svg class={`db-icon ${props.class ?? ""}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={SHAPES[props.name]} />
    </svg>
  );
}
