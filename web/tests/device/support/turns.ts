/**
 * What the database is doing, the fake one as well as the browser's: requests to open it and transactions that
 * have not come to their end. Neither of them says so itself.
 */
let underWay = 0;

const follow = (what: EventTarget, ends: readonly string[]) => {
  underWay += 1;
  let isOver = false;
  const over = () => {
    if (!isOver) underWay -= 1;
    isOver = true;
  };
  for (const end of ends) what.addEventListener(end, over);
};

/** Once, after the database has its globals. */
export function followDatabase(): void {
  const { open } = IDBFactory.prototype;
  IDBFactory.prototype.open = function (...asked) {
    const request = open.apply(this, asked);
    follow(request, ["success", "error"]);
    return request;
  };
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (...asked) {
    const begun = transaction.apply(this, asked);
    follow(begun, ["complete", "abort"]);
    return begun;
  };
}

/** Some turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
}

/** So many in a row without any work of the database. */
export async function quietTurns(count: number): Promise<void> {
  for (let quiet = 0; quiet < count; quiet++) {
    await turns(1);
    if (underWay > 0) quiet = 0;
  }
}
