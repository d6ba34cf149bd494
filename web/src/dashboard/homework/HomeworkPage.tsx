import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { mayInSchool } from "../../device/permissions";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Assignment, Refusal } from "../../wire/types";
import { useDevice } from "../context";
import { Confirm } from "../Dialog";
import { Icon } from "../icons";
import { announce } from "../shell/announce";
import { reason } from "../words";
import { GiveHomework } from "./GiveHomework";
import { HomeworkCard } from "./HomeworkCard";
import "./homework.css";

const LOOK_EVERY = 15_000;

/** Cases that were given to be played alone, their links, and who has tried them. Read when it is looked at. */
export function HomeworkPage() {
  const device = useDevice();
  const texts = t.value.homework;
  const read = useSignal<readonly Assignment[] | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const isGiving = useSignal(false);
  const withdrawing = useSignal<Assignment | null>(null);
  const me = device.me.value;
  const mayGive = me !== null && mayInSchool("set_homework", me);
  const look = async () => {
    const answer = await device.homework();
    if (answer.ok) read.value = answer.value;
    refusal.value = answer.ok ? null : answer.refusal;
  };
  useEffect(() => {
    void look();
    const timer = setInterval(() => {
      if (document.visibilityState === "visible" && device.isOnline.peek()) void look();
    }, LOOK_EVERY);
    return () => clearInterval(timer);
  }, [device]);
  const withdraw = async ({ id, title }: Assignment) => {
    refusal.value = await device.takeHomeworkBack(id);
    if (refusal.value !== null) return;
    announce(fill(texts.withdrawn_now, { title }));
    await look();
  };
  return (
    <main class="db-page" id="content" tabIndex={-1}>
      <div class="db-list-head">
        <h1>{t.value.dashboard.nav.homework}</h1>
        {mayGive ? (
          <button type="button" class="db-button db-button-main" onClick={() => (isGiving.value = true)}>
            <Icon name="plus" /> {texts.add}
          </button>
        ) : null}
      </div>
      <p class="db-hint">{texts.lead}</p>
      {refusal.value === null ? null : (
        <p class="db-problem" data-shown="yes" role="alert">
          {reason(refusal.value)}
        </p>
      )}
      <HomeworkList read={read.value} isRefused={refusal.value !== null} withdraw={(one) => (withdrawing.value = one)} />
      {isGiving.value ? <GiveHomework onGiven={() => void look()} onClose={() => (isGiving.value = false)} /> : null}
      {withdrawing.value === null ? null : (
        <Confirm
          title={fill(texts.withdraw_title, { title: withdrawing.value.title })}
          yes={texts.withdraw}
          onYes={() => void withdraw(withdrawing.value!)}
          onClose={() => (withdrawing.value = null)}
        >
          <p>{texts.withdraw_help}</p>
        </Confirm>
      )}
    </main>
  );
}

function HomeworkList(props: { read: readonly Assignment[] | null; isRefused: boolean; withdraw: (one: Assignment) => void }) {
  const texts = t.value.homework;
  if (props.read === null) return props.isRefused ? null : <p class="db-hint">{texts.reading}</p>;
  if (props.read.length === 0)
    return (
      <div class="db-empty">
        <h2>{texts.none}</h2>
        <p>{texts.none_help}</p>
      </div>
    );
  return (
    <ul class="db-homework-list">
      {props.read.map((one) => (
        <HomeworkCard key={one.id} assignment={one} withdraw={props.withdraw} />
      ))}
    </ul>
  );
}
