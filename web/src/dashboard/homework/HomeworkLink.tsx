import { useSignal } from "@preact/signals";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Assignment } from "../../wire/types";
import { useDevice } from "../context";
import { CopyText } from "../CopyText";
import { Dialog } from "../Dialog";
import { Qr } from "../Qr";
import { homeworkUrl } from "../shell/paths";

/** What trainees are sent: the link, to be copied, or its QR code, to be shown. */
export function HomeworkLink(props: { assignment: Assignment }) {
  const device = useDevice();
  const texts = t.value.homework;
  const isShown = useSignal(false);
  const { title, token } = props.assignment;
  const url = homeworkUrl(token, device.addresses.value);
  return (
    <div class="db-homework-link">
      <span class="visually-hidden">{texts.link}: </span>
      <a href={url} target="_blank" rel="noreferrer">
        {url}
      </a>
      <CopyText text={url} label={`${t.value.dashboard.outbox.copy}: ${texts.link}, ${title}`} />
      <button type="button" class="db-button" aria-label={`${texts.show_qr}: ${title}`} onClick={() => (isShown.value = true)}>
        {texts.show_qr}
      </button>
      {isShown.value ? (
        <Dialog title={texts.qr_title} onClose={() => (isShown.value = false)} class="db-homework-scan">
          <p>{title}</p>
          <Qr url={url} label={fill(t.value.dashboard.room.qr, { url })} class="db-homework-qr" />
          <div class="db-dialog-actions">
            <button type="button" class="db-button" autofocus onClick={() => (isShown.value = false)}>
              {t.value.common.close}
            </button>
          </div>
        </Dialog>
      ) : null}
    </div>
  );
}
