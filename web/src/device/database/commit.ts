/** What a transaction has changed, so that every tab reads it again. The outbox is always meant. */
export interface Commit {
  sessions?: readonly string[];
  /** Cases as the server has them. */
  templates?: boolean;
  /** The school's people. */
  colleagues?: boolean;
  /** Edits of cases and sessions. */
  edits?: boolean;
  /** Sessions whose case is there, or is another one. */
  cases?: readonly string[];
  /** Sessions of which something else is in hand, or nothing any more. */
  preparations?: readonly string[];
  /** Cases that are being written here. */
  drafts?: boolean;
}
