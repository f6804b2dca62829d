import { describe, expect, test } from 'vitest'
import { createFakeClock } from '../../../../test/support/fakes/clock.ts'
import { createFakeDnsResolver } from '../../../../test/support/fakes/dns-resolver.ts'
import { createFakeMessageBytes } from '../../../../test/support/fakes/message-bytes.ts'
import { createFakeLog } from '../../../../test/support/fakes/runtime.ts'
import { sealedMessage } from '../../../../test/support/sealed-message.ts'
import { readHeader } from '../../../lib/mime/header.ts'
import { Lookups } from '../lookups.ts'
import { Network } from '../network.ts'
import { hashBody } from './body-hashes.ts'
import { bodyHashOf, type CheckedSignature, checkSignatures, findSignatures } from './check.ts'
import { indexHeader } from './header-input.ts'

type Zone = Parameters<typeof createFakeDnsResolver>[0]

async function checked(
  text: string,
  zone: Zone,
  at = '2018-08-01T00:00:00Z',
): Promise<readonly CheckedSignature[]> {
  const clock = createFakeClock(Date.parse(at))
  const resolver = createFakeDnsResolver(zone)
  const network = new Network(resolver, { clock, log: createFakeLog() })
  const message = sealedMessage(text)
  const bytes = createFakeMessageBytes()
  const indexed = indexHeader(
    readHeader(await bytes.read(message, { from: 0, to: message.index.headerBytes })),
  )
  const found = findSignatures(indexed)
  const wanted = found.flatMap(({ read }) => (read.kind === 'signature' ? [bodyHashOf(read.signature)] : []))
  const lookups = new Lookups(network, clock)
  return checkSignatures(found, {
    indexed,
    body: hashBody(bytes, message, wanted),
    lookups,
    now: clock.now(),
  })
}

const txt = (text: string) => [{ type: 'TXT', strings: [text] } as const]
const crlf = (text: string) => text.replaceAll('\n', '\r\n')

/** RFC 8463 appendix A.2 and A.3. */
const twice = crlf(`DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
`)
const keys: Zone = {
  'brisbane._domainkey.football.example.com TXT': txt(
    'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
  ),
  'test._domainkey.football.example.com TXT': txt(
    'v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB',
  ),
}
const results = async (text: string, zone: Zone) => (await checked(text, zone)).map(({ result }) => result)

describe('the message of RFC 8463 with both signatures', () => {
  test('passes', async () => {
    expect(await results(twice, keys)).toEqual(['pass', 'pass'])
  })
  test.each([
    ['the body', twice.replace('hungry', 'thirsty')],
    ['a field', twice.replace('dinner', 'supper')],
    ['a second Subject', twice.replace('Subject:', 'Subject: Won!\r\nSubject:')],
    ['the time in the signature', twice.replaceAll('t=1528637909', 't=1528637908')],
  ])('with %s changed, fails', async (_, text) => {
    expect(await results(text, keys)).toEqual(['fail', 'fail'])
  })
  test('with white space changed, passes', async () => {
    const text = twice
      .replace('From: Joe SixPack ', 'FROM:\tJoe   SixPack\r\n ')
      .replace('game.  Are', 'game. Are   ')
    expect(await results(`${text}\r\n\r\n`, keys)).toEqual(['pass', 'pass'])
  })
})

test.each([
  ['no record', {}, 'permerror'],
  ['an empty key', { 'test._domainkey.football.example.com TXT': txt('v=DKIM1; p=') }, 'permerror'],
  [
    'a key of another kind',
    {
      'test._domainkey.football.example.com TXT': keys['brisbane._domainkey.football.example.com TXT'] ?? [],
    },
    'permerror',
  ],
  [
    'a key for something else',
    { 'test._domainkey.football.example.com TXT': txt('v=DKIM1; s=other; p=AAAA') },
    'permerror',
  ],
  [
    'no answer',
    {
      'test._domainkey.football.example.com TXT': {
        kind: 'later',
        reason: 'unreachable',
        text: '',
        why: [],
      } as const,
    },
    'temperror',
  ],
  [
    'a bogus answer',
    { 'test._domainkey.football.example.com TXT': { kind: 'bogus', security: 'bogus', why: [] } as const },
    'temperror',
  ],
] as const)('where there is %s, the result is %s', async (_, zone, expected) => {
  const [, rsa] = await checked(twice, zone)
  expect(rsa?.result).toBe(expected)
})

/** RFC 6376 appendix A: its message, and the signature as its errata give it. */
const six = crlf(`DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;
      c=simple/simple; q=dns/txt; i=joe@football.example.com;
      h=Received : From : To : Subject : Date : Message-ID;
      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB
      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut
      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV
      4bmp/YzhwvcubU4=;
Received: from client1.football.example.com  [192.0.2.1]
      by submitserver.example.com with SUBMISSION;
      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game. Are you hungry yet?

Joe.
`)
const sixKey =
  'v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB'

test('the message of RFC 6376 passes', async () => {
  const [only] = await checked(six, { 'brisbane._domainkey.example.com TXT': txt(sixKey) })
  expect(only).toMatchObject({ result: 'pass', domain: 'example.com', selector: 'brisbane' })
})
