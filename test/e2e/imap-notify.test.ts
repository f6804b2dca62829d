import { afterEach, beforeEach, expect, test } from 'vitest'
import { ImapStage } from '../support/imap-stage.ts'
import { OctetPeer } from '../support/loopback.ts'
import { account, appendTo, mail } from '../support/store.ts'

let stage: ImapStage
const peers: OctetPeer[] = []

beforeEach(() => {
  stage = new ImapStage({ maxConnectionsPerUserAndIp: 2000 })
})
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.destroy()
  await stage.end()
})

async function watching(groups: string): Promise<OctetPeer> {
  const peer = await OctetPeer.connect(await stage.port(), false)
  peers.push(peer)
  await peer.next()
  for (const command of ['LOGIN ann@home.test secret', `NOTIFY SET ${groups}`]) {
    peer.send(`x ${command}`)
    expect(await peer.next()).toMatch(/^x OK/)
  }
  return peer
}

const everything = '(personal (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))'

test('a thousand watchers hear of a new message, at the cost of a line each', {
  timeout: 60_000,
}, async () => {
  const watchers: OctetPeer[] = []
  for (let begun = 0; begun < 1000; begun += 100)
    watchers.push(...(await Promise.all(Array.from({ length: 100 }, () => watching(everything)))))
  const at = await stage.store()
  const before = process.cpuUsage()
  for (let round = 1; round <= 5; round++) {
    await appendTo(at, account(1), 'INBOX', mail())
    const heard = new Set(await Promise.all(watchers.map((peer) => peer.next())))
    expect(heard.size).toBe(1)
    expect([...heard][0]).toContain(`* STATUS "INBOX" (MESSAGES ${round} `)
  }
  const { user, system } = process.cpuUsage(before)
  // Both ends of a thousand connections, five times.
  expect((user + system) / 5000).toBeLessThan(1000)
})

test('what is too much to tell is not told, and that is', async () => {
  const { store } = await stage.store()
  for (let number = 0; number < 1001; number++) await store.createMailbox(account(1), `Big/${number}`)
  const peer = await watching(everything)
  const modest = await watching('(mailboxes (Big Large) (MailboxName))')
  await store.renameMailbox(account(1), 'Big', 'Large')
  expect(await peer.next()).toMatch(/^\* OK \[NOTIFICATIONOVERFLOW\]/)
  expect(await modest.next()).toBe('* LIST () "/" "Large" ("OLDNAME" ("Big"))')
  await store.subscribe(account(1), 'Large')
  peer.send('a NOOP')
  expect(await peer.next()).toBe('a OK NOOP completed')
  const names = Array.from({ length: 1001 }, (_, at) => `n${at}`).join(' ')
  peer.send(`b NOTIFY SET (mailboxes (${names}) (MailboxName))`)
  expect(await peer.next()).toMatch(/^b NO \[NOTIFICATIONOVERFLOW\]/)
})

test('a watcher that does not read keeps nobody waiting, and reads the present later', async () => {
  const at = await stage.store()
  const slow = await watching(everything)
  const other = await watching(everything)
  slow.pause()
  for (let round = 1; round <= 200; round++) {
    await appendTo(at, account(1), 'INBOX', mail())
    expect(await other.next()).toContain(`MESSAGES ${round} `)
  }
  slow.resume()
  let line = ''
  while (!line.includes('MESSAGES 200 ')) line = await slow.next()
})

test('news and commands do not mix', async () => {
  const at = await stage.store()
  const peer = await watching(
    '(selected (MessageNew (UID BODY.PEEK[]) MessageExpunge)) (personal (MessageNew MessageExpunge))',
  )
  peer.send('s SELECT INBOX')
  while (!(await peer.next()).startsWith('s OK'));
  const body = `${'x'.repeat(70)}\r\n`.repeat(200)
  const arriving = (async () => {
    for (let round = 0; round < 20; round++) await appendTo(at, account(1), 'INBOX', mail({ body }))
  })()
  let shown = 0
  for (let round = 0; round < 20; round++) {
    peer.send(`c${round} CREATE {3}`)
    shown += await heardBefore(peer, '+ OK')
    peer.send(`m${String(round).padStart(2, '0')}`)
    shown += await heardBefore(peer, `c${round} OK`)
  }
  await arriving
  peer.send('e NOOP')
  shown += await heardBefore(peer, 'e OK')
  expect(shown).toBe(20)
})

/** How many whole messages come before that line. */
async function heardBefore(peer: OctetPeer, end: string): Promise<number> {
  let messages = 0
  for (;;) {
    const line = await peer.next()
    if (line.startsWith(end)) return messages
    if (/^\* \d+ EXISTS$/.test(line) || /^\* (?:STATUS|FLAGS|LIST)/.test(line)) continue
    const size = Number(/^\* \d+ FETCH \(UID \d+ BODY\[\] \{(\d+)\}$/.exec(line)?.[1])
    expect(size, line).toBeGreaterThan(0)
    let octets = 0
    while (octets < size) octets += (await peer.next()).length + 2
    expect(octets).toBe(size)
    expect(await peer.next()).toBe(')')
    messages++
  }
}
