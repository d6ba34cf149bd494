import { useSignal } from "@preact/signals";
import { mayInSchool } from "../../device/permissions";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Template } from "../../wire/types";
import { useDevice } from "../context";
import { Icon } from "../icons";
import { GiveHomework } from "./GiveHomework";
import { runsAlone } from "./runsAlone";

/** Beside a case that moves by itself; nothing beside the others. */
export function SetAsHomework(props: { template: Template }) {
  const device = useDevice();
  const isGiving = useSignal(false);
  const texts = t.value.homework;
  const me = device.me.value;
  if (me === null || !mayInSchool("set_homework", me) || !runsAlone(props.template)) return null;
  return (
    <>
      <button
        type="button"
        class="db-button"
        aria-label={`${texts.add_of}: ${props.template.title}`}
        onClick={() => (isGiving.value = true)}
      >
        <Icon name="cap" /> {texts.add_of}
      </button>
      {isGiving.value ? <GiveHomework template={props.template} onClose={() => (isGiving.value = false)} /> : null}
    </>
  );
}
