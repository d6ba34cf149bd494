import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { mayInSchool } from "../../device/permissions";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { wholeList } from "../../wire/api";
import type { Addresses, Colleague, Invitation, Invited, Refusal, Trainer } from "../../wire/types";
import { useDevice } from "../context";
import { announce } from "../shell/announce";
import { accountReason } from "./accountProblems";
import { AddPerson } from "./AddPerson";
import { InvitationLink } from "./InvitationLink";
import { Invitations } from "./Invitations";
import { Invite } from "./Invite";
import { ColleagueTable, PeopleTable } from "./PeopleTable";
import { Retention } from "./Retention";
import "./school.css";

/** Who works in the school: for admins with everything that can be done about it, for the others by name and role. */
export function SchoolPage() {
  const device = useDevice();
  const texts = t.value.people.school;
  const me = device.me.value;
  const isAdmin = me !== null && mayInSchool("manage_trainers", me);
  const isHall = device.hall.value !== null;
  const lead = isHall ? texts.lead_hall : isAdmin ? texts.lead : texts.lead_others;
  return (
    <main class="db-page" id="content" tabIndex={-1}>
      {isAdmin && !isHall ? <Staff lead={lead} /> : <Colleagues lead={lead} />}
      {me !== null && !isHall && mayInSchool("set_retention", me) ? <Retention /> : null}
    </main>
  );
}

function Colleagues(props: { lead: string }) {
  const { people } = useDevice();
  const read = useSignal<Colleague[] | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  useEffect(() => {
    void wholeList((cursor) => people.colleagues(cursor)).then((answer) => {
      if (answer.ok) read.value = answer.value;
      else refusal.value = answer.refusal;
    });
  }, []);
  return (
    <>
      <h1>{t.value.dashboard.nav.school}</h1>
      <p class="db-hint">{props.lead}</p>
      <Problem refusal={refusal.value} />
      {read.value === null ? null : <ColleagueTable colleagues={read.value} />}
    </>
  );
}

interface School {
  trainers: Trainer[];
  invitations: Invitation[];
  addresses: Addresses;
}

function Staff(props: { lead: string }) {
  const { people } = useDevice();
  const texts = t.value.people.school;
  const read = useSignal<School | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const opened = useSignal<"invite" | "add" | null>(null);
  const invited = useSignal<Invited | null>(null);
  const look = async () => {
    const [trainers, invitations, addresses] = await Promise.all([
      wholeList((cursor) => people.trainers(cursor)),
      wholeList((cursor) => people.invitations(cursor)),
      people.addresses(),
    ]);
    const failed = [trainers, invitations, addresses].find((answer) => !answer.ok);
    refusal.value = failed === undefined || failed.ok ? null : failed.refusal;
    if (trainers.ok && invitations.ok && addresses.ok)
      read.value = { trainers: trainers.value, invitations: invitations.value, addresses: addresses.value };
  };
  useEffect(() => void look(), []);
  const close = () => (opened.value = null);
  return (
    <>
      <div class="db-list-head">
        <h1>{t.value.dashboard.nav.school}</h1>
        <button type="button" class="db-button db-button-main" onClick={() => (opened.value = "invite")}>
          {texts.invite}
        </button>
        <button type="button" class="db-button" onClick={() => (opened.value = "add")}>
          {texts.add}
        </button>
      </div>
      <p class="db-hint">{props.lead}</p>
      <Problem refusal={refusal.value} />
      {read.value === null ? null : (
        <>
          <PeopleTable trainers={read.value.trainers} look={look} />
          <Invitations invitations={read.value.invitations} look={look} />
        </>
      )}
      {opened.value === "invite" ? (
        <Invite
          done={(made) => {
            close();
            invited.value = made;
            void look();
          }}
          onClose={close}
        />
      ) : null}
      {opened.value === "add" ? (
        <AddPerson
          done={({ name }) => {
            close();
            announce(fill(texts.added, { name }));
            void look();
          }}
          onClose={close}
        />
      ) : null}
      {invited.value === null || read.value === null ? null : (
        <InvitationLink
          invited={invited.value}
          addresses={read.value.addresses}
          onClose={() => (invited.value = null)}
        />
      )}
    </>
  );
}

function Problem(props: { refusal: Refusal | null }) {
  if (props.refusal === null) return null;
  return (
    <p class="db-problem" data-shown="yes" role="alert">
      {accountReason(props.refusal)}
    </p>
  );
}
