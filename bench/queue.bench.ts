import { parseAddress } from '../src/lib/address.ts'
import type { Way } from '../src/ports/outgoing-queue.ts'
import { sealedMessage } from '../test/support/sealed-message.ts'
import { account, delivery, startStore, type TestStore } from '../test/support/store.ts'
import { percentile } from './measure/statistics.ts'

const recipientsEach = 100
const messages = 1000
/** One that is down and has half of everything, and many with a little. */
const destinations = 2500
const times = 200

/** What the queue runner asks before it sends, in a queue of 100,000 rows. */
export async function run(): Promise<void> {
  const at = await startStore()
  try {
    await at.accounts.putAccount(account(1), { quotaBytes: 0 })
    for (let number = 0; number < messages; number++) await fill(at, number)
    const now = at.clock.now()
    const { queue } = at
    await timed('the next destinations', () => queue.dueDestinations(now, 50))
    await timed('when something is due', () => queue.nextDue())
    await timed('what is due at the longest, 50,000 rows', () => queue.due('down.test', now, 200))
    await timed('what is due at another, 20 rows', (turn) => queue.due(wayOf(turn), now, 200))
  } finally {
    await at.end()
  }
}

const wayOf = (number: number): Way => `d${number % destinations}.test`

async function fill(at: TestStore, number: number): Promise<void> {
  const recipients = Array.from({ length: recipientsEach }, (_, index) => {
    const spread = number * recipientsEach + index
    const address = parseAddress(`r${spread}@${index % 2 === 0 ? 'down.test' : wayOf((spread - 1) / 2)}`)
    if (!address) throw new Error(`No address: ${spread}`)
    return { address, notify: undefined, originalRecipient: undefined }
  })
  const now = at.clock.now()
  await at.store.accept({
    ...delivery(sealedMessage(`Subject: ${number}\r\n\r\nA letter to many.\r\n`)),
    outgoing: [
      {
        account: account(1),
        sender: parseAddress('ann@home.test'),
        prefix: '',
        smtpUtf8: false,
        requireTls: false,
        envelopeId: undefined,
        returnContent: undefined,
        recipients,
        notBefore: now,
        expires: now + 1,
        notice: undefined,
      },
    ],
  })
}

async function timed(what: string, act: (turn: number) => Promise<unknown>): Promise<void> {
  const took: number[] = []
  for (let turn = 0; turn < times; turn++) {
    const from = performance.now()
    await act(turn)
    took.push(performance.now() - from)
  }
  const [first = 0] = took
  const [p50, p99] = [percentile(took, 50), percentile(took, 99)].map((ms) => ms.toFixed(2))
  console.log(`queue: ${what}: p50 ${p50} ms, p99 ${p99}, the first ${first.toFixed(2)} (target below 5)`)
}
