import type { Messages } from "../en";

export const frJoin: Messages["join"] = {
  title: "Rejoindre une séance",
  lost: "Il n’y a rien à cette adresse. Vérifiez le lien, ou rejoignez la séance avec le code.",
  lead: "Le code est affiché sur l’écran du formateur.",
  code: "Code de la séance",
  code_hint: "6 lettres et chiffres ; majuscules, espaces et tirets sans importance",
  name: "Votre nom",
  name_hint: "Tel que le formateur le verra",
  submit: "Rejoindre",
  joining: "Connexion…",
  wait: "Patientez {seconds} s",
  back: "Revenir à « {title} » ({name})",
  trainers: "Espace formateur",
  errors: {
    code_missing: "Saisissez les 6 caractères du code.",
    code_short: "Le code a 6 caractères ; il en manque {count}.",
    code_strange:
      "« {characters} » ne figure dans aucun code. Un code ne contient ni 0, ni O, ni 1, ni I, ni L : regardez encore une fois.",
    name_missing: "Saisissez votre nom, pour que le formateur sache qui est là.",
    not_found: "Aucune séance n’a ce code. Regardez encore une fois l’écran du formateur.",
    session_closed: "Cette séance est terminée : le formateur y a mis fin. Demandez le code de la suivante.",
    session_expired: "Cette séance est terminée : le temps prévu est écoulé. Demandez un nouveau code au formateur.",
    not_home: "Cette séance se déroule dans la salle « {hall} ». Connectez-vous au Wi-Fi de cette salle et rejoignez-la là-bas.",
    rate_limited: "Trop de codes erronés depuis ici. Vous pourrez réessayer dans {seconds} s.",
    unreachable: "Le serveur ne répond pas. Vérifiez que l’appareil est bien sur le réseau (Wi-Fi), puis réessayez.",
    storage_unavailable: "Le serveur répond, mais ne peut pas vérifier le code pour l’instant. Réessayez dans un moment.",
    refused: "Le serveur n’a pas accepté cette demande. Vérifiez le code et le nom.",
  },
};
