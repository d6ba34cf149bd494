/** What the server takes at most, in characters. */
export const TITLE_LIMIT = 200;
export const NAME_LIMIT = 100;
