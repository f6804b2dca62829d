import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { brokenZones } from '../../../test/support/dns/broken-zones.ts'
import {
  type Internet,
  started,
  startInternet,
  type TestResolver,
} from '../../../test/support/dns/internet.ts'
import type { Rr } from './wire/message.ts'
import { rrType } from './wire/types.ts'

const { rows, prepare } = brokenZones(started / 1000)
const proofTypes: readonly number[] = [rrType.NSEC, rrType.NSEC3]
const covers = (record: Rr, type: number) =>
  record.type === rrType.RRSIG && Buffer.from(record.data).readUInt16BE(0) === type
const isProof = (record: Rr) => proofTypes.some((type) => record.type === type || covers(record, type))

let net: Internet
let resolver: TestResolver

beforeAll(async () => {
  net = await startInternet(Object.fromEntries(rows.map(([zone, , , sketch]) => [zone, sketch])))
  prepare(net)
  resolver = await net.resolver()
})
afterAll(() => net.stop())

test.each(rows.map(([zone, name, expected]) => [zone, name, expected] as const))(
  '%s is never secure: %s',
  async (_, name, expected) => {
    const outcome = await resolver.ask(name)
    const why = 'why' in outcome ? outcome.why.map(({ code }) => ({ code })) : []
    expect({ ...outcome, why }).toMatchObject(expected)
    if (name !== 'www.trap.test') expect(outcome).not.toMatchObject({ security: 'secure' })
  },
)

test('a broken zone breaks nothing beside it, and says where the chain breaks', async () => {
  const question = { name: 'www.otherds.test', type: 'A', deadlineMs: net.clock.now() + 5000 } as const
  const { chain } = await (await net.resolver()).explain(question)
  expect(chain.map(({ zone, state }) => `${zone} ${state}`)).toEqual([
    '. anchor',
    'test secure',
    'otherds.test bogus',
  ])
  expect(chain.at(-1)).toMatchObject({ ds: [expect.stringContaining('ECDSAP256SHA256')], why: [{ code: 9 }] })
})

test('a parent whose proof is stripped from the referral does not make a signed zone unsigned', async () => {
  const top = net.servers.get('test')
  if (!top) throw new Error('No top level')
  const isAboutDs = (each: Rr) => each.type === rrType.DS || covers(each, rrType.DS) || isProof(each)
  top.tamper = (response) => ({
    ...response,
    answer: response.answer.filter((each) => !isAboutDs(each)),
    authority: response.authority.filter((each) => !isAboutDs(each)),
  })
  const fresh = await net.resolver()
  expect(await fresh.ask('www.stripped.test')).toMatchObject({ kind: 'bogus' })
  expect(await fresh.ask('www.added.test')).toMatchObject({ kind: 'bogus' })
  delete top.tamper
})

test('another server of the zone is asked before an answer is called bogus', async () => {
  const server = net.servers.get('badsig.test')
  const { tamper } = server ?? {}
  if (!server || !tamper) throw new Error('Nothing is tampered with')
  let times = 0
  server.tamper = (response, asked) =>
    asked.type === rrType.A && asked.name.startsWith('www') && times++ === 0
      ? tamper(response, asked)
      : response
  const fresh = await net.resolver()
  expect(await fresh.ask('www.badsig.test')).toMatchObject({ kind: 'records', security: 'secure' })
  server.tamper = tamper
})

test('without a key that the anchor vouches for nothing is secure, and a warning says so; later the same is bogus', async () => {
  const stranger = { keyTag: 1, algorithm: 13, digestType: 2, digest: randomBytes(32) }
  const impossible = await net.resolver({ trustAnchors: [{ zone: '.', ds: [stranger] }] })
  expect(await impossible.ask('www.sha1.test')).toMatchObject({ kind: 'records', security: 'indeterminate' })
  expect(net.log.events).toContainEqual(expect.objectContaining({ event: 'resolver.cannot-validate' }))
  const remembering = await net.resolver({
    trustAnchors: [{ zone: '.', ds: [stranger] }],
    anchorFile: { read: () => ({ '.': { validated: true, keys: [] } }), write: async () => undefined },
  })
  expect(await remembering.ask('www.sha1.test')).toMatchObject({ kind: 'bogus' })
})
