import { systemClock } from '../../src/platform/clock.ts'
import { account, delivery, mail, sealed, startStore, type TestStore } from '../support/store.ts'

/**
 * A store under load, until it is killed. Says on stdout what it promised: `kept ID` once a message is accepted, `moved ID`
 * once it is in Archive, `gone ID` once it is expunged. `about ID` goes before anything whose promise may be lost.
 */
const [dataDir = '', round = ''] = process.argv.slice(2)
const ann = account(1)
const clients = 8

const at = await startStore({ dataDir, clock: { ...systemClock, advance: async () => undefined } })
await at.accounts.putAccount(ann, { quotaBytes: 0 })
const inbox = (await at.store.mailbox(ann, 'INBOX'))?.id ?? 0
const archive = (await at.store.mailbox(ann, 'Archive'))?.id ?? 0
const say = (word: string, id: string) => process.stdout.write(`${word} ${id}\n`)

await Promise.all(Array.from({ length: clients }, (_, client) => load(at, client)))

async function load({ store, bytes }: TestStore, client: number): Promise<void> {
  for (let count = 0; ; count++) {
    const id = `r${round}-c${client}-${count}`
    // Every fifth is a file of its own.
    const body = count % 5 === 0 ? 'large\r\n'.repeat(30_000) : 'small\r\n'
    const answer = await store.accept(delivery(await sealed(bytes, mail({ subject: id, body })), {}))
    if (answer.kind !== 'accepted') throw new Error(answer.kind)
    say('kept', id)
    const uid = answer.placed[0]?.uid ?? 0
    if (count % 3 === 1) {
      await store.move(ann, inbox, [uid], archive)
      say('moved', id)
    }
    if (count % 3 === 2) {
      await store.changeFlags(ann, inbox, [uid], { mode: 'add', flags: ['\\Deleted', `$${id}`] })
      say('about', id)
      await store.expunge(ann, inbox, [uid])
      say('gone', id)
    }
  }
}
