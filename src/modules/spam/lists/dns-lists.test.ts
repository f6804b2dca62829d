import { expect, test } from 'vitest'
import { createFakeClock } from '../../../../test/support/fakes/clock.ts'
import { createFakeDnsResolver } from '../../../../test/support/fakes/dns-resolver.ts'
import { createFakeLog } from '../../../../test/support/fakes/runtime.ts'
import type { DnsOutcome } from '../../../ports/dns-resolver.ts'
import { type DnsListChange, DnsLists } from './dns-lists.ts'
import type { Suspects } from './questions.ts'
import { dnsLists } from './table.ts'

const nobody: Suspects = { client: undefined, hops: [], hosts: [], linked: [], mailboxes: [], signers: [] }
const a = (address: string) => [{ type: 'A', address } as const]
const silent: DnsOutcome = { kind: 'later', reason: 'unreachable', text: '', why: [] }

function lists(
  zone: Record<string, ReturnType<typeof a> | DnsOutcome>,
  changes: readonly DnsListChange[] = [],
) {
  const dns = createFakeDnsResolver(zone)
  const log = createFakeLog()
  const clock = createFakeClock()
  const asked = new DnsLists({ dns, log, clock, dnsLists: changes })
  const ask = async (suspects: Partial<Suspects>) =>
    (await asked.ask({ ...nobody, ...suspects })).map(({ symbol, weight }) => `${symbol} ${weight}`)
  return { dns, log, clock, ask }
}

test('where links lead to is asked about too, once what they name is found', async () => {
  const { ask, dns } = lists({
    'pills.shop A': [...a('192.0.3.9'), ...a('127.0.0.1')],
    '9.3.0.192.zen.spamhaus.org A': a('127.0.0.2'),
    '7.2.0.198.zen.spamhaus.org A': a('127.0.0.9'),
  })
  expect(await ask({ linked: ['pills.shop', '198.0.2.7', 'gone.shop'] })).toEqual([
    'URIBL_SBL 6.5',
    'URIBL_DROP 5',
  ])
  expect(await ask({ hosts: ['pills.shop'] })).toEqual([])
  expect(dns.asked.filter((name) => name.startsWith('1.0.0.127'))).toEqual([])
})

test.each<[string, string, Partial<Suspects>, string[]]>([
  ['9.2.0.192.zen.spamhaus.org', '127.0.0.2', { client: '192.0.2.9' }, ['RBL_SPAMHAUS_SBL 4']],
  ['9.2.0.192.zen.spamhaus.org', '127.0.0.4', { client: '192.0.2.9' }, ['RBL_SPAMHAUS_XBL 4']],
  ['9.2.0.192.zen.spamhaus.org', '127.0.0.11', { client: '192.0.2.9' }, ['RBL_SPAMHAUS_PBL 2']],
  ['9.2.0.192.zen.spamhaus.org', '127.0.0.4', { hops: ['192.0.2.9'] }, ['RECEIVED_SPAMHAUS_XBL 1']],
  ['9.2.0.192.zen.spamhaus.org', '127.0.0.11', { hops: ['192.0.2.9'] }, []],
  [
    `${'1.0.0.0'.concat('.0'.repeat(20))}.8.b.d.0.1.0.0.2.zen.spamhaus.org`,
    '127.0.0.3',
    { client: '2001:db8::1' },
    ['RBL_SPAMHAUS_CSS 2'],
  ],
  ['9.2.0.192.list.dnswl.org', '127.0.10.3', { client: '192.0.2.9' }, ['RCVD_IN_DNSWL_HI -0.5']],
  ['9.2.0.192.rep.mailspike.net', '127.0.0.10', { client: '192.0.2.9' }, ['RBL_MAILSPIKE_WORST 2']],
  ['pills.shop.dbl.spamhaus.org', '127.0.1.2', { hosts: ['pills.shop'] }, ['DBL_SPAM 6.5']],
  ['pills.shop.multi.uribl.com', '127.0.0.2', { hosts: ['pills.shop'] }, ['URIBL_BLACK 7.5']],
  [
    'pills.shop.multi.surbl.org',
    '127.0.0.72',
    { hosts: ['pills.shop'] },
    ['PH_SURBL_MULTI 7.5', 'ABUSE_SURBL 5'],
  ],
  ['9.2.0.192.multi.surbl.org', '127.0.0.8', { hosts: ['192.0.2.9'] }, ['PH_SURBL_MULTI 7.5']],
  ['9.2.0.192.dbl.spamhaus.org', '127.0.1.2', { hosts: ['192.0.2.9'] }, []],
  [
    // Of rich@gmail.com, written in another way.
    'ae3532e89de41e613f02da56d469d687ba62fa75.ebl.msbl.org',
    '127.0.0.2',
    { mailboxes: ['ri.ch+you@googlemail.com'] },
    ['MSBL_EBL 7.5'],
  ],
  ['bank.shop.dwl.dnswl.org', '127.0.2.2', { signers: ['bank.shop'] }, ['DWL_DNSWL_MED -2']],
])('%s says %s of %j: %j', async (name, code, suspects, expected) => {
  expect(await lists({ [`${name} A`]: a(code) }).ask(suspects)).toEqual(expected)
})

test.each([
  ['an error of Spamhaus', 'zen.spamhaus.org', '127.255.255.254'],
  ['a refusal of those who ask through others', 'multi.uribl.com', '127.0.0.1'],
  ['a list that was let go, and answers to everything', 'bl.spameatingmonkey.net', '198.51.100.7'],
])('%s counts against nobody, is said once, and is not asked again for an hour', async (_, zone, code) => {
  const name = zone === 'multi.uribl.com' ? 'a.shop' : '9.2.0.192'
  const { ask, log, dns, clock } = lists({ [`${name}.${zone} A`]: a(code) })
  const suspects = { client: '192.0.2.9', hosts: ['a.shop'] }
  expect(await ask(suspects)).toEqual([])
  await ask(suspects)
  const refused = log.events.filter(({ event }) => event === 'spam.lists-refuse')
  expect(refused.map(({ fields }) => fields['lists'])).toEqual([zone])
  const times = () => dns.asked.filter((one) => one === `${name}.${zone} A`).length
  expect(times()).toBe(1)
  await clock.advance(3_600_000)
  await ask(suspects)
  expect(times()).toBe(2)
})

test('a list that does not answer is left out for a while, and the others count', async () => {
  const down = { '9.2.0.192.bl.blocklist.de A': silent }
  const { ask, log, dns, clock } = lists({ ...down, '9.2.0.192.zen.spamhaus.org A': a('127.0.0.2') })
  for (let time = 0; time < 3; time++)
    expect(await ask({ client: '192.0.2.9' })).toEqual(['RBL_SPAMHAUS_SBL 4'])
  expect(dns.asked.filter((name) => name.includes('blocklist')).length).toBe(1)
  expect(log.events.map(({ event, fields }) => `${event} ${fields['lists']}`)).toEqual([
    'spam.lists-silent bl.blocklist.de',
  ])
  await clock.advance(300_000)
  delete (down as Record<string, unknown>)['9.2.0.192.bl.blocklist.de A']
  expect(await ask({ client: '192.0.2.10' })).toEqual([])
  expect(log.events.at(-1)?.event).toBe('spam.lists-answer-again')
})

test('a list can be left out, or asked under another name', async () => {
  const { ask, dns } = lists({ '9.2.0.192.key.zen.dq.spamhaus.net A': a('127.0.0.2') }, [
    { zone: 'bl.blocklist.de', askedAt: undefined },
    { zone: 'zen.spamhaus.org', askedAt: 'key.zen.dq.spamhaus.net' },
  ])
  expect(await ask({ client: '192.0.2.9' })).toEqual(['RBL_SPAMHAUS_SBL 4'])
  expect(dns.asked.filter((name) => /blocklist|zen\.spamhaus\.org/.test(name))).toEqual([])
})

test('however many names a message has, not many questions are asked', async () => {
  const { ask, dns } = lists({})
  const hosts = Array.from({ length: 500 }, (_, at) => `a${at}.shop`)
  await ask({ client: '192.0.2.9', hosts, mailboxes: hosts.map((host) => `x@${host}`) })
  expect(dns.asked.length).toBeLessThan(100)
})

test('each sign is of one list and says why in a few words', () => {
  const signs = dnsLists.flatMap(({ listings }) => listings)
  expect(new Set(signs.map(({ symbol }) => symbol)).size).toBe(signs.length)
  for (const { why } of signs) expect(why).toMatch(/^[a-z].{4,70}[^.]$/)
})
