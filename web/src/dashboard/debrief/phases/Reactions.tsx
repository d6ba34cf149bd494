import { useComputed } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import { lasting } from "../../fmt";
import { TraineesWords } from "../annotations/TraineesWords";
import type { DebriefModel } from "../model";

/** A calm screen while a team says how it was: nothing is scored and nothing moves. */
export function Reactions({ model }: { model: DebriefModel }) {
  const { room } = model;
  const texts = t.value.debrief.reactions;
  const title = useComputed(() => room.session.value?.title || t.value.dashboard.room.untitled).value;
  const team = useComputed(() => teamOf(model)).value;
  const { from, until } = model.span.value;
  return (
    <section class="db-reactions">
      <p class="db-reactions-ask">{texts.ask}</p>
      <h2>{title}</h2>
      <dl>
        {team.length === 0 ? null : (
          <div>
            <dt>{texts.team}</dt>
            <dd>{team.join(" · ")}</dd>
          </div>
        )}
        <div>
          <dt>{texts.lasted}</dt>
          <dd>{lasting((until - from) / 1000)}</dd>
        </div>
      </dl>
      <TraineesWords />
    </section>
  );
}

/** Everybody who sat in it, once, as the server last told; live, who is there. */
export function teamOf({ room, answer }: DebriefModel): string[] {
  const attendance = answer.value?.attendance ?? room.session.value?.attendance ?? [];
  const here = room.device.trainees(room.id).value;
  const names = [...new Set([...attendance, ...here].map((one) => one.name))];
  const { trainee_name } = room.session.value ?? {};
  return names.length === 0 && trainee_name ? [trainee_name] : names;
}
