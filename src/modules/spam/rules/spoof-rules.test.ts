import { expect, test } from 'vitest'
import { parseAddress } from '../../../lib/address.ts'
import { indexMessage } from '../../../lib/mime/indexer.ts'
import type { AuthChecks } from '../../../ports/mail-authentication.ts'
import { readContent } from '../content/message-content.ts'
import { collectEvidence } from './evidence.ts'
import { applyRules } from './rule.ts'
import { spoofRules } from './spoof-rules.ts'

const nothingProven: AuthChecks = {
  spf: { result: 'none', identity: 'mailfrom', domain: 'far.test', why: '', explanation: '' },
  dkim: [],
  dmarc: { result: 'none', policy: 'none', author: 'home.test', policyDomain: '', why: '' },
  arc: { result: 'none', sealers: [], why: '' },
  iprev: { result: 'none' as 'fail', name: '' },
}
const spf = (result: AuthChecks['spf']['result'], domain: string): Partial<AuthChecks> => ({
  spf: { ...nothingProven.spf, result, domain },
})
const dkim = (result: AuthChecks['dkim'][number]['result'], domain: string): Partial<AuthChecks> => ({
  dkim: [{ result, domain, selector: 's', algorithm: 'rsa-sha256', why: '' }],
})
const dmarc = (result: AuthChecks['dmarc']['result'], author: string): Partial<AuthChecks> => ({
  dmarc: { ...nothingProven.dmarc, result, author },
})

interface Case {
  readonly from?: string
  readonly sender?: string
  readonly more?: string
  readonly checks?: Partial<AuthChecks>
  readonly ip?: string
  readonly lmtp?: true
}

const sign = ({ from = 'Ann <ann@home.test>', sender = 'x@far.test', more = '', checks, ip, lmtp }: Case) => {
  const octets = Buffer.from(
    `${from === '' ? '' : `From: ${from}\r\n`}${more}Subject: Hello\r\n\r\nHello\r\n`,
  )
  const evidence = collectEvidence(readContent(octets, indexMessage(octets)))
  const [first] = applyRules(spoofRules, {
    ...evidence,
    arrival: {
      sender: parseAddress(sender),
      recipients: [],
      receivedAt: 0,
      client: { ip: ip ?? '192.0.2.1', helo: 'far.test', tls: true },
      repliesEach: lmtp ?? false,
    },
    checks: { ...nothingProven, ...checks },
    ours: new Set(['home.test', 'xn--hus-hoa.test']),
  })
  return first ? `${first.forces?.action} ${first.symbol} ${first.parameters?.join() ?? ''}` : 'may pass'
}

const list = 'List-Id: <l.club.test>\r\nList-Post: <mailto:l@club.test>\r\n'
const noAuth = 'reject ANTISPOOF_NOAUTH home.test'
const enforced = 'reject ANTISPOOF_DMARC_ENFORCE_LOCAL home.test'
const uncertain = 'later ANTISPOOF_UNCERTAIN home.test'

test.each<[string, Case, string]>([
  ['a stranger', { from: 'Eve <eve@far.test>' }, 'may pass'],
  ['one of us, with no proof', {}, noAuth],
  ['in capitals', { from: 'Ann <ann@HOME.test>' }, noAuth],
  ['in letters of its own', { from: 'Ann <ann@hus\u00e9.test>' }, 'may pass'],
  ['somebody beside whom one of us is named', { from: 'Eve <eve@far.test>, ann@home.test' }, noAuth],
  ['a second From', { from: 'Eve <eve@far.test>', more: 'From: ann@home.test\r\n' }, noAuth],
  ['one of us, brought by a server that our domain names', { checks: spf('pass', 'home.test') }, 'may pass'],
  ['one of us, by a server that another domain names', { checks: spf('pass', 'far.test') }, enforced],
  ['by one that ours forbids', { sender: 'ann@home.test', checks: spf('fail', 'home.test') }, enforced],
  ['by one that ours only distrusts', { checks: spf('softfail', 'home.test') }, enforced],
  ['our own mail, come back with its signature', { checks: dkim('pass', 'home.test') }, 'may pass'],
  ['with a signature of a host of ours', { checks: dkim('pass', 'mail.home.test') }, 'may pass'],
  ['with a broken one', { checks: dkim('fail', 'home.test') }, enforced],
  ['with one of a neighbour', { checks: dkim('pass', 'away.test') }, enforced],
  ['whose DMARC is kept', { checks: dmarc('pass', 'home.test') }, 'may pass'],
  ['beside another whose DMARC is kept', { checks: dmarc('pass', 'far.test') }, enforced],
  ['whose DMARC is broken', { checks: dmarc('fail', 'home.test') }, enforced],
  ['a list that says whose it is', { more: list, checks: spf('pass', 'club.test') }, 'may pass'],
  ['a list that does not', { more: list }, noAuth],
  ['an envelope of ours around a stranger', { from: 'eve@far.test', sender: 'ann@home.test' }, enforced],
  [
    'the same from a server of ours',
    { from: 'eve@far.test', sender: 'ann@home.test', checks: spf('pass', 'home.test') },
    'may pass',
  ],
  ['an envelope of ours around nobody', { from: '', sender: 'ann@home.test' }, noAuth],
  ['nobody at all', { from: '', sender: '' }, 'may pass'],
  ['what cannot be checked now', { checks: spf('temperror', 'home.test') }, uncertain],
  ['a stranger who cannot', { from: 'eve@far.test', checks: spf('temperror', 'far.test') }, 'may pass'],
  ['a program beside us', { ip: '127.0.0.1' }, 'may pass'],
  ['what another server hands over by LMTP', { lmtp: true }, 'may pass'],
])('%s', (_, spoof, expected) => {
  expect(sign(spoof)).toBe(expected)
})
