import type { Messages } from "../en";

export const frWords: Messages["words"] = {
  title: "Avec vos mots",
  about: "Pour le débriefing : vos formateurs le lisent, et peuvent le montrer à l’équipe ou le transmettre avec le débriefing. Tout s’enregistre seul ; vous pouvez le modifier pendant un jour.",
  question: "Qu’est-ce qui s’est bien passé ? Que feriez-vous autrement ?",
  nameless: "Sans mon nom",
  nameless_off: "Votre nom y figure : {name}.",
  nameless_on: "Aucun nom n’est conservé avec, et personne ne peut retrouver de qui cela vient. Dans une petite équipe, vos mots peuvent tout de même le laisser deviner.",
  scores: "Comment noteriez-vous votre équipe ?",
  score: { 2: "Fait", 1: "En partie", 0: "Non fait", na: "Sans objet" },
  states: {
    changed: "Pas encore enregistré…",
    sending: "Enregistrement…",
    saved: "Enregistré.",
    kept: "Gardé sur cet appareil. Ce sera envoyé dès que le serveur sera joignable.",
    unkept: "Pas encore envoyé, et ce navigateur ne garde rien : laissez cette page ouverte jusque-là.",
  },
  over: "Le jour prévu pour vos mots est passé ; ce que vous avez dit reste avec le débriefing.",
  later: "Vos mots sur « {title} »",
  shared: {
    title: "De vos formateurs",
    takeaway: "À retenir",
    plus: "Bien fait",
    delta: "À changer",
    sheets: "Les grilles",
    sheet: "{name} : {percent} %",
    nothing: "Le débriefing est partagé avec vous ; rien n’a été noté pour l’équipe.",
  },
};
