import type { DownloadedFile } from "../../wire/api";

/** As a link to a file does it. */
export function handOver(file: DownloadedFile): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file.content);
  link.download = file.name;
  link.click();
  // Once the browser has taken it over.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
