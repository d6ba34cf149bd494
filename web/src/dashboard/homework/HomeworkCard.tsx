import { useSignal } from "@preact/signals";
import { mayInSchool } from "../../device/permissions";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Assignment, Trainer } from "../../wire/types";
import { useDevice } from "../context";
import { dayTime } from "../fmt";
import { Icon } from "../icons";
import { counted, dotted } from "../words";
import { HomeworkLink } from "./HomeworkLink";
import { Tries } from "./Tries";

/** One homework: what and until when, its link, and who has tried it. */
export function HomeworkCard(props: { assignment: Assignment; withdraw: (assignment: Assignment) => void }) {
  const device = useDevice();
  const texts = t.value.homework;
  const isOpen = useSignal(false);
  const { assignment } = props;
  const { title, tries, open_tries } = assignment;
  const now = device.serverNow();
  const template = device.templates.value.find((one) => one.id === assignment.template_id);
  const isOver = assignment.withdrawn_at !== null || Date.parse(assignment.until) <= now;
  const counts = [counted(tries, texts.tries), ...(open_tries > 0 ? [counted(open_tries, texts.under_way)] : [])];
  return (
    <li class="db-homework" data-over={isOver}>
      <div class="db-homework-head">
        <div>
          <h2>{title}</h2>
          <p class="db-homework-about">
            <span>{template === undefined ? texts.deleted_case : template.title}</span>
            <span>{standing(assignment, now)}</span>
          </p>
        </div>
        {assignment.withdrawn_at === null && mayTakeBack(assignment, device.me.value) ? (
          <button
            type="button"
            class="db-button db-button-danger-quiet"
            aria-label={`${texts.withdraw}: ${title}`}
            onClick={() => props.withdraw(assignment)}
          >
            <Icon name="undo" /> {texts.withdraw}
          </button>
        ) : null}
      </div>
      {isOver ? null : <HomeworkLink assignment={assignment} />}
      <details class="db-homework-tries" onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
        <summary>
          <span class="visually-hidden">{fill(texts.show_tries, { title })}: </span>
          {dotted(counts)}
        </summary>
        {isOpen.value ? <Tries assignment={assignment} /> : null}
      </details>
    </li>
  );
}

function mayTakeBack(assignment: Assignment, me: Trainer | null): boolean {
  if (me === null) return false;
  return mayInSchool(assignment.trainer_id === me.id ? "set_homework" : "withdraw_homework_of_others", me);
}

function standing({ until, withdrawn_at }: Assignment, now: number): string {
  const texts = t.value.homework;
  if (withdrawn_at !== null) return fill(texts.withdrawn, { when: dayTime(Date.parse(withdrawn_at), now) });
  const end = Date.parse(until);
  return fill(end <= now ? texts.was_until : texts.open_until, { when: dayTime(end, now) });
}
