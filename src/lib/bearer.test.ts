import { expect, test } from 'vitest'
import { type BearerMechanism, bearerExchange, readBearer } from './bearer.ts'

test.each<[BearerMechanism, string, object | undefined]>([
  [
    'OAUTHBEARER',
    'n,a=ann@home.test,\x01host=mail.home.test\x01port=143\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBh\x01\x01',
    { login: 'ann@home.test', token: 'vF9dft4qmTc2Nvb3RlckBh' },
  ],
  ['OAUTHBEARER', 'n,,\x01auth=Bearer abc=\x01\x01', { login: '', token: 'abc=' }],
  ['OAUTHBEARER', 'y,,\x01auth=Bearer abc\x01\x01', { login: '', token: 'abc' }],
  ['OAUTHBEARER', 'n,a=a=2Cb=3D,\x01auth=bearer abc\x01\x01', { login: 'a,b=', token: 'abc' }],
  ['OAUTHBEARER', 'n,a=ann,\x01auth=\x01\x01', { login: 'ann', token: '' }],
  ['OAUTHBEARER', 'n,,\x01auth=Bearer \x01\x01', undefined],
  ['OAUTHBEARER', 'n,,\x01auth=Basic abc\x01\x01', undefined],
  ['OAUTHBEARER', 'n,,\x01host=x\x01\x01', undefined],
  ['OAUTHBEARER', 'n,,\x01auth=Bearer a\x01auth=Bearer b\x01\x01', undefined],
  ['OAUTHBEARER', 'p=tls-exporter,,\x01auth=Bearer abc\x01\x01', undefined],
  ['OAUTHBEARER', 'n,,\x01auth=Bearer abc\x01', undefined],
  ['OAUTHBEARER', '\x01', undefined],
  [
    'XOAUTH2',
    'user=ann@home.test\x01auth=Bearer ya29.x-_~+/=\x01\x01',
    { login: 'ann@home.test', token: 'ya29.x-_~+/=' },
  ],
  ['XOAUTH2', 'user=\x01auth=Bearer x\x01\x01', undefined],
  ['XOAUTH2', 'user=ann\x01auth=Basic x\x01\x01', undefined],
  ['XOAUTH2', '', undefined],
])('%s %j is %j', (mechanism, text, expected) => {
  expect(readBearer(mechanism, Buffer.from(text))).toEqual(expected)
})

const frame = Buffer.from('n,a=ann,\x01auth=Bearer abc\x01\x01')
const verdictOf = (kind: string) => async () => ({ kind })

/** Answers one challenge after the other, and keeps them. */
function client(...answers: (Buffer | 'gone' | undefined)[]) {
  const heard: string[] = []
  return { heard, ask: async (challenge: string) => answers[heard.push(challenge) - 1] }
}

test('a good token needs no second challenge', async () => {
  const { heard, ask } = client(frame)
  expect(await bearerExchange(ask, 'OAUTHBEARER', verdictOf('accepted'))).toEqual({ kind: 'accepted' })
  expect(heard).toEqual([''])
})

test.each([
  ['an acknowledgement', Buffer.from('\x01'), { kind: 'refused' }],
  ['a cancellation', 'gone' as const, { kind: 'refused' }],
  ['a lost connection', undefined, undefined],
])('whoever is refused is told why, and may say one thing more: %s', async (_, last, expected) => {
  const { heard, ask } = client(frame, last)
  expect(await bearerExchange(ask, 'OAUTHBEARER', verdictOf('refused'))).toEqual(expected)
  expect(JSON.parse(heard[1] ?? '')).toEqual({ status: 'invalid_token', schemes: 'bearer' })
})

test('what is no frame is malformed', async () => {
  const { ask } = client(Buffer.from('nonsense'))
  expect(await bearerExchange(ask, 'XOAUTH2', verdictOf('accepted'))).toBe('malformed')
})
