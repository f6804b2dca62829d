import { systemClock } from '../../src/platform/clock.ts'
import { account, startStore } from '../support/store.ts'

/** A store that takes out what is overdue in two days, until it is killed. Says on stdout what it told the clients. */
const [dataDir = ''] = process.argv.slice(2)
const twoDays = 2 * 24 * 60 * 60 * 1000

const clock = { ...systemClock, now: () => Date.now() + twoDays, advance: async () => undefined }
const at = await startStore({ dataDir, clock, keepDays: { trash: 1, junk: 0 } })
at.store.watch(account(1), (change) => {
  if (change.kind === 'messages') process.stdout.write(`gone ${change.expunged.join()}\n`)
})
