import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Refusal } from "../../wire/types";
import { useDevice } from "../context";
import { wholeNumber } from "../fmt";
import { reason } from "../words";
import { handOver } from "./handOver";
import "./download.css";

interface Props {
  /** With /api/v1. */
  path: string;
  label?: string;
  children: ComponentChildren;
}

/**
 * A file of the server's. The browser fetches it by itself where it keeps the cookie of the login; where it keeps
 * nothing, the page does, shows how far it is, and hands it over whole.
 */
export function Download({ path, label, children }: Props) {
  if (useDevice().isKept)
    return (
      <a class="db-button" href={path} download aria-label={label}>
        {children}
      </a>
    );
  return <Fetched path={path} {...(label === undefined ? {} : { label })}>{children}</Fetched>;
}

function Fetched({ path, label, children }: Props) {
  const device = useDevice();
  const texts = t.value.goingOut.fetched;
  const bytes = useSignal<number | null>(null);
  const failed = useSignal<Refusal | null>(null);
  const underWay = useRef<AbortController | null>(null);
  useEffect(() => () => underWay.current?.abort(), []);

  async function fetchIt() {
    const patience = new AbortController();
    underWay.current = patience;
    bytes.value = 0;
    failed.value = null;
    const answer = await device.download(path, (count) => (bytes.value = count), patience.signal);
    bytes.value = null;
    underWay.current = null;
    if (answer.ok) handOver(answer.value);
    else if (!patience.signal.aborted) failed.value = answer.refusal;
  }

  return (
    <span class="db-download">
      {bytes.value === null ? (
        <button type="button" class="db-button" aria-label={label} onClick={() => void fetchIt()}>
          {children}
        </button>
      ) : (
        <button type="button" class="db-button" onClick={() => underWay.current?.abort()}>
          {fill(texts.stop, { megabytes: megabytes(bytes.value) })}
        </button>
      )}
      <span class="db-download-failed" role="alert">
        {failed.value === null ? null : fill(texts.failed, { reason: reason(failed.value) })}
      </span>
    </span>
  );
}

function megabytes(bytes: number): string {
  return wholeNumber(Math.round(bytes / 100_000) / 10);
}
