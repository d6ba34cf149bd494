// Stands in for fake-indexeddb where the browser has the real one.
export const isReal = true;
