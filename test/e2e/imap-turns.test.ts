import { afterEach, beforeEach, expect, test } from 'vitest'
import { ask, ImapStage } from '../support/imap-stage.ts'
import { OctetPeer } from '../support/loopback.ts'
import { account, appendTo, mail } from '../support/store.ts'

const messages = 6_000

let stage: ImapStage
let inbox: number
beforeEach(async () => {
  stage = new ImapStage()
  const store = await stage.store()
  await appendTo(store, account(1), 'Archive', mail())
  inbox = (await store.store.mailbox(account(1), 'INBOX'))?.id ?? 0
  const archive = (await store.store.mailbox(account(1), 'Archive'))?.id ?? 0
  // Doubled until there are many.
  for (let count = 1; count < messages; count *= 2) {
    const uids = [...((await store.store.image(account(1), archive))?.uids ?? [])]
    await store.store.copy(account(1), archive, uids, archive)
  }
  const all = [...((await store.store.image(account(1), archive))?.uids ?? [])].slice(0, messages)
  await store.store.move(account(1), archive, all, inbox)
})
afterEach(() => stage.end())

async function reader(): Promise<OctetPeer> {
  const peer = await OctetPeer.connect(await stage.port(), false)
  await peer.next()
  await ask(peer, 'LOGIN ann@home.test secret')
  await ask(peer, 'SELECT INBOX')
  return peer
}

/** How often others had their turn until the command was answered. */
async function turnsOf(work: () => Promise<unknown>): Promise<number> {
  let turns = 0
  let running = true
  const count = (): void => {
    turns++
    if (running) setImmediate(count)
  }
  setImmediate(count)
  await work()
  running = false
  return turns
}

test.each([
  ['FETCH 1:* (FLAGS)', messages / 500],
  ['UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1)', messages / 500],
  ['UID SORT (REVERSE DATE) UTF-8 ALL', messages / 1_000],
])('%s lets others have their turn', async (command, atLeast) => {
  const peer = await reader()
  expect(await turnsOf(() => ask(peer, command))).toBeGreaterThanOrEqual(atLeast)
})

test('what others changed on thousands of messages is told in many turns, and all of it', async () => {
  const [writer, listener] = [await reader(), await reader()]
  await ask(writer, 'STORE 1:* +FLAGS.SILENT (\\Deleted)')
  const flags: string[][] = []
  expect(await turnsOf(async () => flags.push(await ask(listener, 'NOOP')))).toBeGreaterThanOrEqual(
    messages / 1_000,
  )
  expect(flags[0]?.filter((line) => line.includes('FETCH (UID'))).toHaveLength(messages)

  await ask(listener, 'UID SEARCH RETURN (SAVE) ALL')
  expect(await ask(writer, 'EXPUNGE')).toHaveLength(messages)
  const gone: string[][] = []
  expect(await turnsOf(async () => gone.push(await ask(listener, 'NOOP')))).toBeGreaterThanOrEqual(
    messages / 1_000,
  )
  expect(gone[0]).toEqual(Array.from({ length: messages }, (_, index) => `* ${messages - index} EXPUNGE`))
  expect(await ask(listener, 'UID SEARCH $')).toEqual(['* SEARCH'])
})

test('a client that vanishes while it is told of thousands leaves the others alone', async () => {
  const [writer, listener, last] = [await reader(), await reader(), await reader()]
  await ask(writer, 'STORE 1:* +FLAGS.SILENT (\\Deleted)')
  await ask(writer, 'EXPUNGE')
  listener.send('x NOOP')
  await listener.next()
  listener.destroy()
  expect((await ask(last, 'NOOP')).filter((line) => line.endsWith('EXPUNGE'))).toHaveLength(messages)
})
