import { expect, onTestFinished, test } from 'vitest'
import { startRunner } from '../../../../test/support/queue-runner.ts'
import { playing, scriptedServer } from '../../../../test/support/scripted-server.ts'
import {
  account,
  delivery,
  mail,
  sealed,
  startStore,
  type TestStore,
} from '../../../../test/support/store.ts'
import { type Address, parseAddress } from '../../../lib/address.ts'
import { systemClock } from '../../../platform/clock.ts'
import type { EnvelopeRecipient } from '../../../ports/intake.ts'
import type { Leaving } from '../../../ports/leaving.ts'
import type { RelayRoute } from '../../../ports/routes.ts'

const ann = account(1)
const hour = 3_600_000
const address = (text: string): Address => parseAddress(text) ?? never()

interface World {
  readonly at: TestStore
  readonly heard: { lines: string[]; messages: string[] }
  /** Puts one message for these recipients into the queue. */
  readonly accept: (
    to: readonly string[],
    more?: Partial<Leaving>,
    notify?: EnvelopeRecipient['notify'],
  ) => Promise<void>
  /** Until every row has been tried, or is gone. */
  readonly settled: () => Promise<readonly string[]>
  readonly inbox: () => Promise<readonly string[]>
}

/** A store, a queue runner, and one far server for all domains, which does what the rules say. */
async function world(
  rules: Record<string, string | undefined> = {},
  route?: RelayRoute,
  more: Partial<Parameters<typeof startRunner>[0]> = {},
): Promise<World> {
  const heard = { lines: [] as string[], messages: [] as string[] }
  const port = await scriptedServer(playing(['PIPELINING', '8BITMIME'], rules, heard))
  const at = await startStore()
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
  const runner = await startRunner({ at, port, relay: route, ...more })
  onTestFinished(async () => {
    await runner.drain()
    expect((await at.care.verify()).problems).toEqual([])
    await at.end()
  })
  return {
    at,
    heard,
    async accept(to, more = {}, notify) {
      const now = at.clock.now()
      const recipients = to.map((text) => ({ address: address(text), notify, originalRecipient: undefined }))
      const envelope: Leaving = {
        account: ann,
        sender: address('ann@home.test'),
        prefix: 'Received: by us\r\n',
        smtpUtf8: false,
        requireTls: false,
        envelopeId: undefined,
        returnContent: undefined,
        recipients,
        notBefore: now,
        expires: now + 120 * hour,
        notice: now + 4 * hour,
        ...more,
      }
      const message = await sealed(at.bytes, mail())
      await at.store.accept({ ...delivery(message), outgoing: [envelope] })
    },
    async settled() {
      for (;;) {
        const rows = await at.queue.list(0, 1000)
        if (rows.every(({ due }) => due > at.clock.now()))
          return rows.map(
            ({ address: to, attempts, last }) => `${to} ${attempts} ${last?.status} ${last?.why}`,
          )
        // The far side is a real socket: it is the system's clock that it needs.
        await systemClock.sleep(5)
      }
    },
    async inbox() {
      const inbox = await at.store.mailbox(ann, 'INBOX')
      const image = inbox && (await at.store.image(ann, inbox.id))
      const bodies = [...(image?.uids ?? [])].map((uid) => at.store.bytes(ann, inbox?.id ?? 0, uid))
      return (await Promise.all(bodies)).map((bytes) => Buffer.from(bytes ?? []).toString())
    },
  }
}

test('what is accepted goes out at once, all recipients of a message in one transaction', async () => {
  const { accept, settled, heard, inbox } = await world()
  await accept(['bob@far.example', 'eve@far.example'])
  expect(await settled()).toEqual([])
  expect(heard.messages).toEqual([`Received: by us\r\n${mail()}`])
  expect(heard.lines.filter((line) => line.startsWith('RCPT'))).toHaveLength(2)
  expect(await inbox()).toEqual([])
})

test('many messages to one place share a connection or two, and each arrives once', async () => {
  const { accept, settled, heard } = await world()
  await Promise.all(Array.from({ length: 40 }, (_, n) => accept([`u${n}@far.example`])))
  expect(await settled()).toEqual([])
  const sent = heard.lines.filter((line) => line.startsWith('RCPT'))
  expect(new Set(sent).size).toBe(40)
  expect(sent).toHaveLength(40)
  expect(heard.lines.filter((line) => line.startsWith('EHLO')).length).toBeLessThan(10)
})

test('connections that were opened for a burst serve what comes within a second', async () => {
  const { accept, settled, heard } = await world()
  const hellos = () => heard.lines.filter((line) => line.startsWith('EHLO')).length
  await Promise.all(Array.from({ length: 10 }, (_, n) => accept([`u${n}@far.example`])))
  await settled()
  const opened = hellos()
  for (let n = 0; n < 60; n++) await accept([`v${n}@far.example`])
  await settled()
  expect(heard.messages).toHaveLength(70)
  expect(hellos() - opened).toBeLessThan(5)
})

test('a refused recipient is reported to the sender, once, and the others get the message', async () => {
  const { accept, settled, inbox, heard } = await world({ 'RCPT TO:<bob@': '550 5.1.1 No such user' })
  await accept(['bob@far.example', 'eve@far.example'])
  expect(await settled()).toEqual([])
  expect(heard.messages).toHaveLength(1)
  const [report, ...more] = await inbox()
  expect(more).toEqual([])
  expect(report).toContain('Final-Recipient: rfc822; bob@far.example\r\nAction: failed\r\nStatus: 5.1.1\r\n')
  expect(report).toContain('Received: by us\r\nFrom: Ann <ann@example.com>')
  expect(report).not.toContain('eve@far.example')
})

test('a report that fails is nobody else hears of', async () => {
  const { accept, settled, inbox } = await world({ RCPT: '550 5.1.1 No such user' })
  await accept(['bob@far.example'], { sender: undefined })
  expect(await settled()).toEqual([])
  expect(await inbox()).toEqual([])
})

test('what is put off is tried again when it is due, and gives up with a report in the end', async () => {
  const { at, accept, settled, inbox, heard } = await world({ RCPT: '451 4.3.0 Busy' })
  await accept(['bob@far.example'], { expires: at.clock.now() + 6 * 60_000, notice: undefined })
  expect(await settled()).toEqual(['bob@far.example 1 4.3.0 temporary'])
  await at.clock.advance(5 * 60_000)
  expect(await settled()).toEqual(['bob@far.example 2 4.3.0 temporary'])
  await at.clock.advance(60_000)
  expect(await settled()).toEqual([])
  expect(heard.lines.filter((line) => line.startsWith('RCPT'))).toHaveLength(3)
  expect(await inbox()).toMatchObject([expect.stringContaining('Status: 5.3.0')])
})

test('who waits too long hears of the delay, once', async () => {
  const { at, accept, settled, inbox } = await world({ RCPT: '451 4.3.0 Busy' })
  await accept(['bob@far.example'], { notice: at.clock.now() })
  await settled()
  await at.clock.advance(5 * 60_000)
  expect(await settled()).toEqual(['bob@far.example 2 4.3.0 temporary'])
  expect(await inbox()).toMatchObject([expect.stringContaining('Action: delayed')])
})

test('a domain that is not there is reported at once', async () => {
  const { accept, settled, inbox } = await world()
  await accept(['bob@nowhere.example'])
  expect(await settled()).toEqual([])
  expect(await inbox()).toMatchObject([expect.stringContaining('There is no domain nowhere.example')])
})

test('a server that is down puts off everybody who waits for it', async () => {
  const { accept, settled, heard } = await world({ greeting: '421 4.3.2 Down' })
  await accept(['a@far.example'])
  await accept(['b@far.example'])
  expect(await settled()).toEqual(['a@far.example 1 4.3.2 temporary', 'b@far.example 1 4.3.2 temporary'])
  expect(heard.lines).toEqual([])
})

test('held mail stays; released mail goes', async () => {
  const { at, accept, settled, heard } = await world()
  await accept(['bob@far.example'], { notBefore: at.clock.now() + hour })
  await at.queue.hold([1])
  await at.clock.advance(2 * hour)
  expect(heard.messages).toEqual([])
  await at.queue.release([1])
  expect(await settled()).toEqual([])
  expect(heard.messages).toHaveLength(1)
})

test('a relay takes what it was named for; success that it cannot report is reported as handed on', async () => {
  const target = { kind: 'relay', protocol: 'smtp', host: '127.0.0.1', port: undefined, byMx: false } as const
  const { accept, settled, inbox, heard } = await world({}, target)
  await accept(['bob@no-such-domain.example'], {}, ['success'])
  expect(await settled()).toEqual([])
  expect(heard.messages).toHaveLength(1)
  expect(await inbox()).toMatchObject([expect.stringContaining('Action: relayed')])
})

function never(): never {
  throw new Error('not an address')
}

test('a turtle gets one recipient at a time, with a pause between', async () => {
  const { at, heard, accept } = await world({}, undefined, { slow: [['far.example', 'turtle']] })
  await accept(['a@far.example', 'b@far.example'])
  await expect.poll(() => heard.messages.length).toBe(1)
  await at.clock.advance(4_000)
  expect(heard.messages.length).toBe(1)
  await at.clock.advance(1_000)
  await expect.poll(() => heard.messages.length).toBe(2)
  expect(heard.lines.filter((line) => line.startsWith('RCPT'))).toHaveLength(2)
})

test('who refuses our address gets it by the other way, the next time at once', async () => {
  const other = { lines: [] as string[], messages: [] as string[] }
  const port = await scriptedServer(playing([], {}, other))
  const refusing = { 'MAIL FROM': '550 5.7.1 Your address is on a blocklist' }
  const { at, heard, accept } = await world(refusing, undefined, { another: `via:127.0.0.1:${port}` })
  await accept(['a@far.example'])
  await expect.poll(async () => (await at.queue.list(0, 9))[0]?.attempts).toBe(1)
  await at.clock.advance(1_000)
  await expect.poll(() => other.messages.length).toBe(1)
  const asked = heard.lines.length
  await accept(['b@far.example'])
  await expect.poll(() => other.messages.length).toBe(2)
  expect(heard.lines.length).toBe(asked)
})

test('mail of a sender with a relay of his own leaves by it, as long as he has one', async () => {
  const relay = { lines: [] as string[], messages: [] as string[] }
  const port = await scriptedServer(playing([], {}, relay))
  let routeMap = ''
  const at = await world({ 'RCPT TO': '450 4.2.0 Not now' }, undefined, { routeMap: () => routeMap })
  await at.accept(['x@far.example', 'x@other.example'])
  expect(await at.settled()).toHaveLength(2)
  routeMap = `ann@home.test 127.0.0.1:${port}\n`
  await at.at.queue.retry((await at.at.queue.list(0, 10)).map(({ id }) => id))
  expect(await at.settled()).toEqual([])
  expect(relay.lines.filter((line) => line.startsWith('RCPT'))).toEqual([
    'RCPT TO:<x@far.example>',
    'RCPT TO:<x@other.example>',
  ])
  await at.accept(['x@far.example'], { sender: address('bob@home.test') })
  expect(await at.settled()).toHaveLength(1)
  expect(relay.messages).toHaveLength(1)
})

test('what waits for a relay that is there no more goes its own way', async () => {
  let routeMap = '@home.test 127.0.0.1:1\n'
  const at = await world({}, undefined, { routeMap: () => routeMap })
  await at.accept(['x@far.example'])
  expect(await at.settled()).toEqual([expect.stringContaining('network')])
  routeMap = ''
  await at.at.queue.retry((await at.at.queue.list(0, 10)).map(({ id }) => id))
  expect(await at.settled()).toEqual([])
  expect(at.heard.messages).toHaveLength(1)
})

test.each([
  ['a route of the recipient’s domain', 'far.example mx:far.example\n', undefined],
  [
    'a relay of the recipient’s domain',
    '',
    { kind: 'relay', protocol: 'smtp', host: 'other.example', port: undefined, byMx: false } as const,
  ],
])('%s counts more than the sender’s', async (_, line, route) => {
  const at = await world({}, route, { routeMap: () => `${line}@home.test 127.0.0.1:1\n` })
  await at.accept(['x@far.example'])
  expect(await at.settled()).toEqual([])
  expect(at.heard.messages).toHaveLength(1)
})
