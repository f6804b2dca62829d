import { expect, test } from 'vitest'
import { type BearerMechanism, readBearer, refuseBearer } from './bearer.ts'

test.each<[BearerMechanism, string, object | undefined]>([
  [
    'OAUTHBEARER',
    'n,a=ann@home.test,\x01host=mail.home.test\x01port=143\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBh\x01\x01',
    { login: 'ann@home.test', token: 'vF9dft4qmTc2Nvb3RlckBh' },
  ],
  ['OAUTHBEARER', 'n,,\x01auth=Bearer abc=\x01\x01', { login: '', token: 'abc=' }],
  ['OAUTHBEARER', 'n,a=a=2Cb=3D,\x01auth=bearer abc\x01\x01', { login: 'a,b=', token: 'abc' }],
  ['OAUTHBEARER', 'n,,\x01auth=Bearer \x01\x01', undefined],
  ['OAUTHBEARER', 'n,,\x01host=x\x01\x01', undefined],
  ['OAUTHBEARER', 'y,,\x01auth=Bearer abc\x01\x01', undefined],
  ['OAUTHBEARER', 'n,,\x01auth=Bearer abc\x01', undefined],
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

test('whoever is refused is told why, and may say one thing more', async () => {
  const heard: string[] = []
  const stopped = await refuseBearer(async (challenge) => {
    heard.push(challenge)
    return Buffer.from('\x01')
  })
  expect(stopped).toBeUndefined()
  expect(heard.map((each) => JSON.parse(each))).toEqual([{ status: 'invalid_token', schemes: 'bearer' }])
  expect(await refuseBearer(async () => 'gone')).toBe('gone')
})
