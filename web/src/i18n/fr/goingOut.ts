/** A session as a file: what each is for. */
export const frGoingOut = {
  open: "Télécharger…",
  title: "Emporter l’historique",
  record: { title: "Pour un tableur", help: "Tout ce qui s’est passé, une ligne par événement, avec les valeurs à cet instant." },
  fetched: { stop: "{megabytes} Mo reçus. Arrêter", failed: "Pas téléchargé. {reason}" },
  values: "Valeurs",
  of: { shown: "ce que les moniteurs affichaient", pushed: "ce qui a été envoyé", true: "les vraies valeurs du patient" },
  csv: { rfc: "CSV (virgules)", fr: "CSV français" },
  scores: { title: "Pour l’évaluation", help: "Une ligne par personne, une colonne par critère de la grille." },
  scores_csv: { rfc: "Évaluation (CSV, virgules)", fr: "Évaluation (CSV français)" },
  program: { title: "Pour un programme à vous", help: "L’historique entier : événements, annotations, qui était là et quand." },
  monitors: { title: "Pour un système qui lit des données de patients", help: "Ce que les moniteurs affichaient, marqué partout comme données de simulation." },
  learning: { title: "Pour une plateforme d’apprentissage", help: "Qui a fait quoi, et avec quelle évaluation : sous pseudonyme, sans texte libre." },
};
