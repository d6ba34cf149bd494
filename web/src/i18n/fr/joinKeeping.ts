import type { TraineeMessages } from "../en/trainees";

export const frJoinKeeping: TraineeMessages["keeping"] = {
  join: {
    title: "Ce qui est enregistré ici",
    what: "Ce que vous faites sur le moniteur, avec l’heure ; vos temps de connexion ; le nom que vous saisissez ; et ce que notent vos formateurs.",
    names: "Votre nom est retiré {months} mois après la séance.",
    names_one: "Votre nom est retiré un mois après la séance.",
    records: "L’enregistrement lui-même est supprimé au bout de {months} mois.",
    records_one: "L’enregistrement lui-même est supprimé au bout d’un mois.",
    records_stay: "L’enregistrement sans les noms peut être conservé plus longtemps.",
    unknown: "L’école décide de la durée de conservation ; demandez à votre formateur.",
    pseudonym: "Vous n’êtes pas obligé de donner votre vrai nom.",
  },
};
