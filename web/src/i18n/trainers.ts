import { computed } from "@preact/signals";
import { language } from ".";
import { en, type Messages } from "./en";
import { fr } from "./fr";

/** All texts of the chosen language, the trainees' too. In the dashboard it goes by the short name of `t`. */
export const trainerTexts = computed<Messages>(() => (language.value === "fr" ? fr : en));
