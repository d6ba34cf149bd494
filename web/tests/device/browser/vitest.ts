import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from "@vitest/expect";
import { restoreAllMocks, spyOn } from "@vitest/spy";

/** As much of vitest as these tests use, of the parts that it is made of, which run in a page, too. */
chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export { afterEach, beforeEach, describe, it } from "@vitest/runner";
export const expect = chai.expect;
export const vi = { spyOn, restoreAllMocks, waitFor };

/** Until `check` throws no more, for `patience` ms at most. */
async function waitFor(check: () => void, patience: number): Promise<void> {
  const until = performance.now() + patience;
  for (;;) {
    try {
      return check();
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
