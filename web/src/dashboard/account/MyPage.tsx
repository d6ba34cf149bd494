import { trainerTexts as t } from "../../i18n/trainers";
import { useDevice } from "../context";
import { MyLogins } from "./MyLogins";
import { MyPassword } from "./MyPassword";
import "./mine.css";

/** One's own account: what it is, its password, and where it is logged in. */
export function MyPage() {
  const device = useDevice();
  const texts = t.value.people;
  const me = device.me.value;
  return (
    <main class="db-page" id="content" tabIndex={-1}>
      <h1>{t.value.dashboard.nav.me}</h1>
      {me === null ? null : (
        <dl class="db-mine">
          <dt>{texts.name}</dt>
          <dd>{me.name}</dd>
          <dt>{texts.email}</dt>
          <dd>{me.email}</dd>
          <dt>{texts.role}</dt>
          <dd>{t.value.dashboard.menu.role[me.role]}</dd>
        </dl>
      )}
      <p class="db-hint">{texts.me.change_name}</p>
      <section class="db-mine-part">
        <h2>{texts.me.password_title}</h2>
        {device.hall.value === null ? <MyPassword email={me?.email ?? ""} /> : <p>{texts.me.hall}</p>}
      </section>
      <section class="db-mine-part">
        <h2>{texts.me.logins}</h2>
        <MyLogins />
      </section>
    </main>
  );
}
