import { systemClock } from '../../src/platform/clock.ts'
import { account, appendTo, mail, startStore } from '../support/store.ts'

/** A store that takes mail and indexes it, again and again, until it is killed. Says `kept` for each message. */
const [dataDir = '', round = ''] = process.argv.slice(2)
const ann = account(1)

const at = await startStore({
  dataDir,
  clock: { ...systemClock, advance: async () => undefined },
  textIndex: { documents: true },
})
await at.accounts.putAccount(ann, { quotaBytes: 0 })

for (let count = 0; ; count++) {
  // Few at a time: each run makes a segment, and every eighth merges them.
  const words = Array.from({ length: 40 }, (_, index) => `w${round}x${count}y${index}`)
  await appendTo(at, ann, 'INBOX', mail({ body: `${words.join(' ')} everywhere r${round}c${count}` }))
  process.stdout.write(`kept r${round}c${count}\n`)
  await at.searchCare.catchUp()
}
