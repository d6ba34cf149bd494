import type { Messages } from "../en";

export const frDevice: Messages["device"] = {
  status: {
    saved: "Enregistré",
    draft: "Brouillon",
    saving: "Enregistrement ({count})",
    fetching: "Mise à jour",
    offline: "Hors ligne",
    offline_waiting: "Hors ligne ({count})",
    problem: "Problème",
  },
  status_hint: {
    saved: "Tout est sur le serveur.",
    draft: "Ce cas n’est pas enregistré. Tout le reste est sur le serveur.",
    saving: "Sur cet appareil, et en route vers le serveur.",
    fetching: "Ce que d’autres ont modifié est en train d’arriver ici.",
    offline:
      "Pas de connexion. Continuez : ce que vous faites est gardé sur cet appareil et envoyé au retour de la connexion.",
    problem: "Quelque chose demande votre attention.",
  },
  unkept: {
    notice: "Ce navigateur ne garde rien de cette page : restez en ligne, car ce qui n’est pas envoyé est perdu à sa fermeture.",
    status_hint: {
      saving: "Dans cette page, et en route vers le serveur.",
      offline:
        "Pas de connexion. Ce que vous faites attend dans cette page et sera envoyé au retour de la connexion : laissez-la ouverte.",
    },
    outbox:
      "Sans réseau, vos changements attendent ici et sont envoyés dans l’ordre dès qu’il revient. Fermer la page les perd.",
    logout: {
      one: "{count} changement n’est pas encore sur le serveur. Il est perdu quand cette page est fermée.",
      other: "{count} changements ne sont pas encore sur le serveur. Ils sont perdus quand cette page est fermée.",
    },
    draft: "Non enregistré ; perdu quand cette page est fermée",
  },
  needs_login: "Votre identification a expiré. Continuez ; reconnectez-vous pour que vos changements soient envoyés.",
  storage_full:
    "Cet appareil n’a plus de place : le dernier changement n’a pas pu être gardé. Libérez de l’espace et refaites-le.",
  storage_broken: "Ce navigateur ne permet pas d’enregistrer : le dernier changement n’a pas pu être gardé.",
  entries: {
    retry_hint: "L’envoyer encore une fois.",
    discard_hint: "Comme si cela n’avait jamais été fait.",
    discard_open_hint: "Supprime aussi tout ce qui a été fait dans cette séance.",
    keep_hint: "Le laisser dans cette liste et continuer avec les autres.",
    blocked: "en attente du précédent",
  },
  states: {
    waiting: "En attente",
    sending: "Envoi",
    rejected: "Refusé",
    kept: "Mis de côté",
  },
  unread: {
    coming: "Lecture sur le serveur…",
    away: "Pas sur cet appareil, et le réseau manque.",
  },
  refusals: {
    network: "Le serveur est injoignable.",
    timeout: "Le serveur a mis trop de temps à répondre.",
    unauthenticated: "Vous n’êtes pas connecté.",
    forbidden: "Vous n’avez pas la main dans cette séance.",
    not_found: "Le serveur ne connaît pas cette séance : elle est peut-être d’un autre établissement, ou n’existe plus.",
    conflict: "Le serveur a un autre changement sous le même numéro.",
    device_revoked: "Un administrateur a exclu cet appareil : les cas ne sont plus envoyés ni reçus. Vos modifications restent ici ; adressez-vous à un administrateur de votre école.",
    resync_required: "Cet appareil a dû tout recharger. Réessayez.",
    not_home: "Cette séance se déroule dans une salle : c’est là qu’on agit sur elle.",
    hall_revoked: "Le jeton de cette salle a été révoqué.",
    session_closed: "La séance a été terminée avant que cela n’arrive au serveur.",
    session_expired: "Le temps de la séance était écoulé avant que cela n’arrive au serveur.",
    version_mismatch: "Quelqu’un d’autre a modifié la séance entre-temps.",
    invalid_fields: "Le serveur ne peut pas accepter ces valeurs.",
    invalid_body: "Le serveur n’a pas pu lire cela. Il est peut-être d’une autre version : rechargez cette page.",
    too_large: "C’est trop long pour le serveur.",
    rate_limited: "Le serveur s’occupe d’autres appareils. Attendez un instant.",
    storage_unavailable: "Le stockage du serveur ne répond pas pour le moment.",
    internal_error: "Le serveur a échoué plusieurs fois.",
    method_not_allowed: "Le serveur ne connaît pas ce genre de changement. Il est peut-être d’une autre version : rechargez cette page.",
    removed: "Le formateur a retiré cette place.",
    full: "Toutes les places de cette séance sont prises.",
    unsupported_media_type: "Le serveur n’a pas pu lire cela. Il est peut-être d’une autre version : rechargez cette page.",
    other: "Le serveur a refusé.",
  },
};
