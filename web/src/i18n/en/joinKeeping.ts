/** What is kept, and for how long, as trainees are told before they join. */
export const enJoinKeeping = {
  join: {
    title: "What is recorded here",
    what: "What you do on the monitor, with its time; when you are connected; the name that you type; and what your trainers note.",
    names: "Your name is taken out {months} months after the session.",
    names_one: "Your name is taken out one month after the session.",
    records: "The record itself is deleted after {months} months.",
    records_one: "The record itself is deleted after one month.",
    records_stay: "The record without names may be kept longer.",
    unknown: "The school decides how long it is kept; ask your trainer.",
    pseudonym: "The name need not be your real one.",
  },
};
