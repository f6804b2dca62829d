import { parseAddress } from '../../src/lib/address.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createFakeLog, type LoggedEvent } from '../support/fakes/runtime.ts'
import { startRunner } from '../support/queue-runner.ts'
import { account, delivery, mail, sealed, startStore, type TestStore } from '../support/store.ts'

/**
 * A queue under load, until it is killed. Says `kept ID` once a message is accepted, `sent ID` once its delivery is written down.
 * With the round `last` it takes no more, and ends when nothing is left.
 */
const [dataDir = '', port = '', round = ''] = process.argv.slice(2)
const ann = account(1)
const clients = 4
const far = 'far.example'

const at = await startStore({ dataDir, clock: { ...systemClock, advance: async () => undefined } })
await at.accounts.putAccount(ann, { quotaBytes: 0 })
const say = (word: string, id: string) => process.stdout.write(`${word} ${id}\n`)
const events: LoggedEvent[] = []
events.push = (event) => {
  if (event.event === 'outgoing.done') say('sent', String(event.fields['to']).replace(`@${far}`, ''))
  return 0
}
const runner = await startRunner({ at, port: Number(port), log: createFakeLog(events) })
if (round === 'last') await finish(at)
else await Promise.all(Array.from({ length: clients }, (_, client) => load(at, client)))

async function load({ store, bytes }: TestStore, client: number): Promise<void> {
  for (let count = 0; ; count++) {
    const id = `r${round}-c${client}-${count}`
    const body = count % 5 === 0 ? 'large\r\n'.repeat(30_000) : 'small\r\n'
    const address = parseAddress(`${id}@${far}`)
    if (!address) throw new Error(`not an address: ${id}`)
    const answer = await store.accept({
      ...delivery(await sealed(bytes, mail({ subject: id, body }))),
      outgoing: [
        {
          account: ann,
          sender: parseAddress('ann@home.test'),
          prefix: '',
          smtpUtf8: false,
          requireTls: false,
          envelopeId: undefined,
          returnContent: undefined,
          recipients: [{ address, notify: undefined, originalRecipient: undefined }],
          notBefore: 0,
          expires: Date.now() + 3_600_000,
          notice: undefined,
        },
      ],
    })
    if (answer.kind !== 'accepted') throw new Error(answer.kind)
    say('kept', id)
  }
}

async function finish({ queue }: TestStore): Promise<void> {
  while ((await queue.nextDue()) !== undefined) await systemClock.sleep(20)
  await runner.drain()
  await at.stop()
}
