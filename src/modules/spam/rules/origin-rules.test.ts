import { expect, test } from 'vitest'
import { address } from '../../../../test/support/auth.ts'
import { indexMessage } from '../../../lib/mime/indexer.ts'
import type { AuthChecks, IprevCheck } from '../../../ports/mail-authentication.ts'
import { readContent } from '../content/message-content.ts'
import type { ArrivalSight } from './arrival-rules.ts'
import { collectEvidence } from './evidence.ts'
import { originRules } from './origin-rules.ts'
import { applyRules } from './rule.ts'

interface Came {
  readonly helo?: string
  readonly ip?: string
  readonly iprev?: IprevCheck
  readonly sender?: string
  readonly recipients?: number
  readonly header?: string
  readonly policy?: 'none' | 'reject'
}

function symbols(came: Came): string[] {
  const { helo = 'mail.far.shop', ip = '203.0.113.9', sender = 'eve@far.shop', recipients = 1 } = came
  const octets = Buffer.from(
    `Received: from a by b\r\nFrom: eve@far.shop\r\n${came.header ?? ''}\r\nhello\r\n`,
  )
  const checks: AuthChecks = {
    spf: { result: 'none', identity: 'mailfrom', domain: '', why: '', explanation: '' },
    dkim: [],
    dmarc: {
      result: came.policy ? 'fail' : 'none',
      policy: came.policy ?? 'none',
      author: '',
      policyDomain: '',
      why: '',
    },
    arc: { result: 'none', sealers: [], why: '' },
    iprev: came.iprev ?? { result: 'pass', name: 'mail.far.shop' },
  }
  const sight: ArrivalSight = {
    ...collectEvidence(readContent(octets, indexMessage(octets))),
    checks,
    arrival: {
      sender: sender === '' ? undefined : address(sender),
      recipients: Array.from({ length: recipients }, () => ({
        address: address('ann@home.test'),
        notify: undefined,
        originalRecipient: undefined,
      })),
      client: { ip, helo, tls: false },
      receivedAt: 0,
    },
  }
  return applyRules(originRules, sight).map(({ symbol }) => symbol)
}

const named = (name: string): Came => ({ iprev: { result: 'pass', name } })

test.each<[string, Came, string[]]>([
  ['an ordinary server', {}, []],
  ['the server of a large provider', named('mail-ed1-f41.google.com'), []],
  ['a rented server with its number', named('static.9.113.0.203.clients.rent.shop'), ['HFILTER_HOSTNAME_2']],
  ['a rented server with its number in hexadecimal', named('vps-cb007109.host.shop'), ['HFILTER_HOSTNAME_2']],
  ['a line of a provider', named('p203-0-113-9.dip0.t-dial.shop'), ['HFILTER_HOSTNAME_5']],
  ['another line', named('203-0-113-9.dynamic.isp.shop'), ['HFILTER_HOSTNAME_5']],
  ['a pool that is a place to swim', named('mail.swimming-pool.shop'), []],
  ['a name that belongs to another', { iprev: { result: 'fail', name: '' } }, ['HFILTER_HOSTNAME_UNKNOWN']],
  [
    'a line that says so itself',
    { iprev: { result: 'permerror', name: '' }, helo: '9-113.pool.isp.shop', ip: '203.0.113.9' },
    [],
  ],
  [
    'a line that says all of it',
    { iprev: { result: 'permerror', name: '' }, helo: '203-0-113-9.pool.isp.shop' },
    ['HFILTER_HELO_5'],
  ],
  ['its own number', { helo: '[203.0.113.9]' }, []],
  ['another number', { helo: '[198.51.100.1]' }, ['HFILTER_HELO_BADIP']],
  ['a scanner in the house', { helo: '[198.51.100.1]', ip: '192.168.1.5' }, []],
  ['a user', { helo: 'User' }, ['RCVD_HELO_USER']],
  ['half a domain', { sender: 'eve@intranet' }, ['HFILTER_FROMHOST_NOT_FQDN']],
  ['a web server', { sender: 'www-data@far.shop' }, ['ENVFROM_SERVICE_ACCT']],
  ['a report to two', { sender: '', recipients: 2 }, ['HFILTER_RCPT_BOUNCEMOREONE']],
  ['what DMARC only watches', { policy: 'none' }, ['DMARC_POLICY_SOFTFAIL']],
  ['a mark of a filter before', { header: 'X-Spam-Flag: YES\r\n' }, ['SPAM_FLAG']],
  ['no mark', { header: 'X-Spam-Status: No, score=1\r\n' }, []],
  ['Microsoft', { header: 'X-Forefront-Antispam-Report: CIP:1.2.3.4;SFV:SPM;\r\n' }, ['MICROSOFT_SPAM']],
  ['GMX', { header: 'X-UI-Filterresults: junk:10;V03:K0\r\n' }, ['UNITEDINTERNET_SPAM']],
  ['Kaspersky', { header: 'X-KLMS-AntiSpam-Status: spam\r\n' }, ['KLMS_SPAM']],
])('%s', (_, came, expected) => {
  expect(symbols(came)).toEqual(expected)
})
